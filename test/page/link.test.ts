import { deflateSync, strFromU8, strToU8 } from 'fflate';
import { describe, expect, it } from 'vitest';
import { carriedToText, resourcesOf, tracesFound } from '../../src/page/carried.js';
import { linkOf } from '../../src/page/link.js';
import { takeFiles } from '../../src/page/open-files.js';
import { carriedFromLink } from '../../src/page/open-link.js';
import type { PageAnswer } from '../../src/page/page-answer.js';
import { simulateCarried } from '../../src/page/simulate-carried.js';
import { serializeProfile } from '../../src/profile/parse.js';
import { shipped, specIn } from './shipped.js';

const small = await shipped('bursty', 1);
const large = await shipped('two-tenants', 1);

function fragmentOf(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return btoa(strFromU8(deflateSync(strToU8(text)), true))
    .replaceAll('+', '-')
    .replaceAll('/', '_');
}

it('a link brings the scenario, and with it the same result', () => {
  const { fragment, leftOut } = linkOf(small);
  expect(fragment).toMatch(/^[\w-]+$/);
  expect(leftOut).toEqual([]);
  const opened = carriedFromLink(fragment);
  expect(carriedToText(opened)).toBe(carriedToText(small));
  const [a, b] = [small, opened].map((one) => simulateCarried(one.spec, resourcesOf(one), { version: '0' }));
  expect((b as PageAnswer).hash).toBe((a as PageAnswer).hash);
});

it('a link brings the profile that somebody dropped in place of another', () => {
  const { name, profile: named = name } = specIn(small).servers[0]!.models[0]!;
  const known = Object.values(small.profiles).flat();
  const { file, profile } = known.find((one) => one.profile.model === named)!;
  const service = profile.service.map((point) => ({ ...point, inferMs: point.inferMs * 3 }));
  const text = serializeProfile({ ...profile, service });
  const { carried } = takeFiles([{ path: file.split('/').at(-1)!, text }], small);
  const hashes = [small, carried, carriedFromLink(linkOf(carried).fragment)].map(
    (one) => (simulateCarried(one.spec, resourcesOf(one), { version: '0' }) as PageAnswer).hash,
  );
  expect(hashes[1]).not.toBe(hashes[0]);
  expect(hashes[2]).toBe(hashes[1]);
});

it('a link names a trace that is too large for it, and finds it again by its content', () => {
  const { fragment, leftOut } = linkOf(large);
  expect(leftOut).toEqual(Object.keys(large.traces));
  expect(fragment.length).toBeLessThan(100_000);
  const opened = carriedFromLink(fragment);
  expect(simulateCarried(opened.spec, resourcesOf(opened), { version: '0' })).toMatchObject({
    problems: expect.arrayContaining([
      expect.objectContaining({ what: expect.stringContaining('was too large for the link') }),
    ]),
  });
  const [csv] = Object.values(large.traces);
  expect(tracesFound(opened.tracesLeftOut, { 'other name.csv': csv! })).toEqual(large.traces);
  expect(tracesFound(opened.tracesLeftOut, { 'other.csv': `${csv}\n` })).toEqual({});
});

describe('a link that somebody tampered with', () => {
  const ok = JSON.parse(carriedToText(small));
  it.each<[string, string, RegExp]>([
    ['is empty', '', /damaged/],
    ['is no base64', '<script>alert(1)</script>', /damaged/],
    ['is cut', linkOf(small).fragment.slice(0, -20), /damaged/],
    ['is no JSON', fragmentOf('<script>'), /damaged/],
    ['is another thing', fragmentOf([1]), /list is not allowed/],
    ['is nested without end', fragmentOf('['.repeat(1e5) + ']'.repeat(1e5)), /damaged|list/],
    ['has a map that is none', fragmentOf({ $type: 'map', entries: 5 }), /damaged/],
    ['unpacks to far more than it is', fragmentOf('0'.repeat(17e6)), /unpacks to more/],
    ['is far too long', 'A'.repeat(5_000_000), /too long/],
    ['has other fields', fragmentOf({ ...ok, extra: 1 }), /extra/],
    [
      'has a profile that is none',
      fragmentOf({ ...ok, profiles: { p: [{ file: 'f', profile: {} }] } }),
      /profiles\.p\[0\]\.profile/,
    ],
    ['has tenants that are none', fragmentOf({ ...ok, spec: { ...ok.spec, tenants: 5 } }), /tenants/],
    ['has huge numbers', fragmentOf({ ...ok, spec: { ...ok.spec, durationS: 1e300 } }), /durationS/],
  ])('is a problem and nothing else where it %s', (_case, fragment, problem) => {
    expect(() => carriedFromLink(fragment)).toThrow(problem);
  });
});

it('text in a link stays text, whatever it looks like', () => {
  const name = '<img src=x onerror=alert(1)>';
  const opened = carriedFromLink(linkOf({ ...small, spec: { ...small.spec, name } }).fragment);
  expect(opened.spec['name']).toBe(name);
});
