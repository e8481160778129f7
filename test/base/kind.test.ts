import { describe, expect, it } from 'vitest';
import type { InputError, Problem } from '../../src/base/problem.js';
import { parseExpectations } from '../../src/check/expectations.js';
import { parsePriceBook } from '../../src/cost/parse-price-book.js';
import { parsePlanSpec } from '../../src/plan/spec.js';
import { parseProfile } from '../../src/profile/parse.js';
import { parseReport } from '../../src/report/json.js';
import { parseScenarioSpec } from '../../src/scenario/spec.js';
import { parseSweepSpec } from '../../src/sweep/spec.js';

/** Each kind as its first lines, with fields that no other kind knows. */
const FILES = {
  'a scenario': 'name: x\nperseus: 1\nservers: []\ntenants: []\n',
  'a sweep': 'name: x\nperseus: 1\nscenario: x.yaml\naxes: []\n',
  'a plan': 'name: x\nplan: 1\nmachines: []\n',
  'a file of expectations': 'runs: 3\nperseus-expectations: 1\ncases: []\n',
  'a profile': '{"model": "x",\n"format": "perseus-profile/1"}',
  'a price book': '{"prices": 3,\n"format": "perseus-prices/1"}',
  'a report of perseus': '{"scenario": {},\n"format": "perseus-report/1"}',
};

const READERS: Readonly<Record<keyof typeof FILES, (text: string) => unknown>> = {
  'a scenario': (text) => parseScenarioSpec(text),
  'a sweep': (text) => parseSweepSpec(text),
  'a plan': (text) => parsePlanSpec(text),
  'a file of expectations': (text) => parseExpectations(text),
  'a profile': (text) => parseProfile(text),
  'a price book': (text) => parsePriceBook(text),
  'a report of perseus': (text) => parseReport(text),
};

function problemsOf(read: (text: string) => unknown, text: string): readonly Problem[] {
  try {
    return (read(text) as { readonly problems: readonly Problem[] }).problems;
  } catch (error) {
    return (error as InputError).problems;
  }
}

describe.each(Object.entries(READERS))('where %s is read', (wanted, read) => {
  const others = Object.entries(FILES).filter(([kind]) => kind !== wanted);

  it.each(others)('%s is told by its kind, at the line that shows it, and by nothing else', (kind, text) => {
    expect(problemsOf(read, text)).toEqual([
      expect.objectContaining({
        line: 2,
        what: `this is ${kind}, not ${wanted}`,
        remedy: expect.stringMatching(
          new RegExp(`^name ${wanted} here, or (give this file to perseus \\w+|name this file as prices)`),
        ),
      }),
    ]);
  });

  it('its own mistakes are told by their fields', () => {
    const own = FILES[wanted as keyof typeof FILES];
    for (const { what } of problemsOf(read, own)) expect(what).not.toContain('this is ');
  });

  it('a file that may be two of them is told by its fields', () => {
    for (const { what } of problemsOf(read, 'perseus: 1\nplan: 1\n')) expect(what).not.toContain('this is ');
  });
});
