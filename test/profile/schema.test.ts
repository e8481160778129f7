import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { formatProblem, InputError } from '../../src/base/problem.js';
import { parseProfile, serializeProfile } from '../../src/profile/parse.js';
import type { ModelProfile } from '../../src/profile/profile.js';
import { cases } from '../support/cases.js';
import { point, sampleProfile } from './samples.js';

function problemsIn(text: string): readonly string[] {
  try {
    parseProfile(text, { file: 'p.json' });
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    return (error as InputError).problems.map(formatProblem);
  }
}

function problemsOf(parts: Partial<Record<keyof ModelProfile, unknown>>): readonly string[] {
  return problemsIn(JSON.stringify({ ...sampleProfile(), ...parts })).map((text) =>
    text.replace(/^p\.json:\d+:\d+: /, ''),
  );
}

describe('a profile file', () => {
  it('comes back as it was written', () => {
    const profile = sampleProfile();
    expect(parseProfile(serializeProfile(profile))).toEqual(profile);
  });

  it('of an earlier calibration is still read, with what nothing uses any more', () => {
    const now = JSON.parse(readFileSync('calibration/cpu-sample/small.profile.json', 'utf8'));
    const before = {
      ...now,
      serving: { ...now.serving, wakeBurstUs: 60, lateIdle: { share: 0.1, us: 600 } },
      pausedSpread: {},
    };
    expect(problemsIn(JSON.stringify(before))).toEqual([]);
  });

  it('names the new name of a field that was renamed, where it stands', () => {
    const { interference, serving } = JSON.parse(
      readFileSync('calibration/cpu-sample/small.profile.json', 'utf8'),
    );
    const before = {
      pace: { cv: 0.1, timeConstantMs: 100 },
      afterIdle: {},
      warmth: {},
      serving: { ...serving, wayByRate: [] },
      interference: { turnsWith: [], pairs: interference.pairs },
    };
    expect(problemsOf(before)).toEqual([
      'interference.turnsWith: `turnsWith` is now called `mutuallyExclusiveWith`; rename it',
      'pace: `pace` is now called `speedDrift`; rename it',
      'afterIdle: `afterIdle` is now called `linearIdlePenalty`; rename it',
      'warmth: `warmth` is now called `warmUpState`; rename it',
      'serving.wayByRate: `wayByRate` is now called `networkDelayByRate`; rename it',
    ]);
    const text = serializeProfile(sampleProfile()).replace('{\n', '{\n  "pace": {},\n');
    expect(problemsIn(text)).toEqual(['p.json:2:3: pace: `pace` is now called `speedDrift`; rename it']);
  });

  it('may be written by hand as the README of the profiles shows it', () => {
    const readme = readFileSync('calibration/README.md', 'utf8');
    const [, shown = ''] = /```json\n([\s\S]*?)```/.exec(readme) ?? [];
    expect(problemsIn(shown)).toEqual([]);
  });

  it('has the same bytes whatever the order of its fields', () => {
    const reversed = Object.fromEntries(Object.entries(sampleProfile()).reverse()) as unknown as ModelProfile;
    const text = serializeProfile(reversed);
    expect(text).toBe(serializeProfile(sampleProfile()));
    expect(text.startsWith('{\n  "format": "perseus-profile/1",\n  "model"')).toBe(true);
    expect(text).toContain(
      '\n    { "batchSize": 2, "inputMs": 0.2, "inferMs": 4, "outputMs": 0.1, "executions": 1000',
    );
    expect(text.endsWith('}\n')).toBe(true);
  });

  it('leaves out what is optional and not given', () => {
    const { fit: _, ...rest } = sampleProfile({ interference: { pairs: [] } });
    expect(serializeProfile(rest)).toContain('"interference": { "pairs": [] }');
    expect(serializeProfile(rest)).not.toContain('"fit"');
  });

  it('tells every mistake with its line and column and what to write instead', () => {
    const text = serializeProfile(sampleProfile())
      .replace('"device"', '"devise"')
      .replace('"inferMs": 6', '"inferMs": -6')
      .replace('"law": "lognormal"', '"law": "lognorml"')
      .replace('"known": true', '"known": "yes"');
    expect(problemsIn(text)).toEqual([
      'p.json:1:1: device: missing; write text',
      'p.json:4:3: devise: unknown key `devise`; write `device`',
      'p.json:18:50: service[1].inferMs: -6 is out of range; write at least 0',
      'p.json:21:22: spread.law: the text "lognorml" is not known here; write one of "none", "lognormal", "gamma", "empirical"; did you mean "lognormal"?',
      'p.json:26:62: memory.known: the text "yes" is not allowed here; write true or false',
    ]);
  });

  it('must list batch sizes once and ascending, with some time in each', () => {
    expect(problemsOf({ service: [point(4, 1, 1, 1), point(4, 1, 1, 1), point(8, 0, 0, 0)] })).toEqual([
      'service[1].batchSize: batch size 4 does not come after 4; list each batch size once, in ascending order',
      'service[2]: this execution takes no time; write its service time in milliseconds',
    ]);
    expect(problemsOf({ region: { ...sampleProfile().region, batchSizes: [2, 1] } })).toEqual([
      'region.batchSizes[1]: batch size 1 does not come after 2; list each batch size once, in ascending order',
    ]);
  });

  it('must have ascending empirical ratios with mean 1', () => {
    expect(problemsOf({ spread: { law: 'empirical', ratios: [1, 3, 2] } })).toEqual([
      'spread.ratios: the ratios have mean 2, not 1; divide them by their mean',
      'spread.ratios[2]: ratio 2 is less than the one before; sort the ratios',
    ]);
    expect(problemsOf({ spread: { law: 'empirical', ratios: [0.5, 1.5] } })).toEqual([]);
  });

  it('has slowdowns of at least 1, one for each model', () => {
    const pairs = [
      { model: 'a', slowdown: 0.5 },
      { model: 'a', slowdown: 2 },
    ];
    expect(problemsOf({ interference: { pairs } })).toEqual([
      'interference.pairs[0].slowdown: 0.5 is out of range; write at least 1',
      'interference.pairs[1].model: "a" is listed twice; remove one of them',
    ]);
  });

  it('names a sharing mode that a scenario can have, and a real date', () => {
    const { region, provenance } = sampleProfile();
    expect(
      problemsOf({
        region: { ...region, sharing: ['stream'] },
        provenance: { ...provenance, date: '2026-13-01' },
      }),
    ).toEqual([
      'provenance.date: "2026-13-01" is not a date; write it like 2024-05-31, or `unknown`',
      'region.sharing[0]: the text "stream" is not known here; write one of "exclusive", "streams", "timeSlices", "mps", "mig"; did you mean "streams"?',
    ]);
  });

  it('is refused with a clear error, and nothing else, whatever value stands anywhere in it', () => {
    const text = serializeProfile(sampleProfile());
    const paths = leafPaths(JSON.parse(text));
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.jsonValue(), fc.boolean(), (path, value, remove) => {
        const mutated = JSON.parse(text);
        mutate(mutated, path, remove ? undefined : value);
        parsesOrComplains(JSON.stringify(mutated));
      }),
      { numRuns: cases(1500) },
    );
  });

  it('is refused with a clear error, and nothing else, whatever happens to its text', () => {
    const text = serializeProfile(sampleProfile());
    const garbage = fc.oneof(
      fc.string({ maxLength: 8 }),
      fc.constantFrom('{', '}', '[', ':', ',', '"', '\n', '- ', '&a', '*a', '\0', '1e999'),
    );
    fc.assert(
      fc.property(fc.nat(text.length), fc.nat(40), garbage, (start, length, inserted) => {
        parsesOrComplains(text.slice(0, start) + inserted + text.slice(start + length));
      }),
      { numRuns: cases(1000) },
    );
    fc.assert(fc.property(fc.json(), parsesOrComplains), { numRuns: cases(300) });
  });
});

describe('the published JSON Schema of a profile', () => {
  const schema = z.fromJSONSchema(JSON.parse(readFileSync('schemas/profile.schema.json', 'utf8')));

  it('takes what the parser takes and refuses what it refuses', () => {
    const valid = JSON.parse(serializeProfile(sampleProfile()));
    expect(schema.safeParse(valid).success).toBe(true);
    for (const wrong of [
      { extra: 1 },
      { service: [] },
      { spread: { law: 'gamma' } },
      { model: '' },
      { format: 'x' },
      { provenance: { ...valid.provenance, date: 'yesterday' } },
    ]) {
      expect(schema.safeParse({ ...valid, ...wrong }).success).toBe(false);
    }
  });
});

function parsesOrComplains(text: string): void {
  try {
    const profile = parseProfile(text);
    expect(parseProfile(serializeProfile(profile))).toEqual(profile);
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    expect((error as InputError).problems.length).toBeGreaterThan(0);
  }
}

type Path = readonly (string | number)[];

function leafPaths(value: unknown, path: Path = []): readonly Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  const keys = Array.isArray(value) ? value.keys() : Object.keys(value);
  const below = [...keys].flatMap((key) =>
    leafPaths((value as Record<string, unknown>)[key], [...path, key]),
  );
  return path.length === 0 ? below : [path, ...below];
}

function mutate(root: unknown, path: Path, value: unknown): void {
  const parent = path.slice(0, -1).reduce((at, key) => (at as Record<string, unknown>)[key], root);
  (parent as Record<string, unknown>)[path.at(-1)!] = value;
}
