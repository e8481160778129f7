import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { CASES, MODELS } from '../../scripts/closed-loops/cases.js';
import { pointsOf, resultFiles, verdict } from '../../scripts/closed-loops/readme.js';
import { type JudgedCase, judgeClosedLoops } from '../../scripts/closed-loops/reproduction.js';
import { type MeasuredRow, measuredText, readMeasured } from '../../scripts/closed-loops/rows.js';
import { readProfiles } from '../../src/node/scenario/profile-files.js';

const FIGURES = {
  throughputPerS: 1000,
  meanBatch: 4,
  executionMs: 3.5,
  meanMs: 8,
  p50Ms: 8,
  p95Ms: 9,
  p99Ms: 10,
};

const ROW: MeasuredRow = {
  ...{ name: 'default_batcher, 8', model: 'default_batcher', clients: 8, run: 1, requests: 7000, ...FIGURES },
  ...{ answerGapUs: 94, answerGapCv: 1, longestStallMs: 0 },
};

function judged(name: string, throughputPerS: number): JudgedCase {
  const predicted = { ...FIGURES, throughputPerS };
  const ideal = { ...FIGURES, throughputPerS: 1300 };
  return {
    name,
    clients: 8,
    runs: 2,
    measured: FIGURES,
    spreadPercent: 1,
    predicted,
    ideal,
  };
}

it('what was measured is read again as it was written', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'perseus-rows-')), 'measured.csv');
  writeFileSync(file, measuredText([ROW, { ...ROW, run: 2 }]));
  expect(readMeasured(file)).toEqual([ROW, { ...ROW, run: 2 }]);
});

it('a model that no case serves is refused, in each line', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'perseus-rows-')), 'measured.csv');
  writeFileSync(file, measuredText([ROW, { ...ROW, model: 'another' }]));
  expect(() => readMeasured(file)).toThrow(/:3: model: is "another"; one of default_batcher, /);
});

const profiles = (await readProfiles([join(import.meta.dirname, '../../calibration/cpu-sample')])).map(
  ({ profile }) => profile,
);
const judge = (rows: readonly MeasuredRow[], leftOut: string) =>
  judgeClosedLoops({ rows, profiles, leftOut, onProgress: () => {} });

it('a lone case is predicted without the others that are to choose for it', () => {
  const [only] = judge([{ ...ROW, clients: 1 }], '');
  expect(only!.predicted.throughputPerS).toBeGreaterThan(0);
  expect(only!.sendUs).toBeUndefined();
});

it('a case whose name is left out has no part in the choice, and a name that no case has is refused', () => {
  const rows = [1, 2].map((clients) => ({ ...ROW, name: `default_batcher, ${clients}`, clients }));
  const [first, second] = judge(rows, 'r, 1');
  expect(first!.sendUs).toBeGreaterThan(0);
  expect(second!.sendUs).toBeUndefined();
  expect(() => judge(rows, 'r, 7')).toThrow(/^--leave-out: no case is called "r, 7"; give a part of /);
});

it('every figure has an interval by the published errors of other cases', () => {
  for (const { measured, low, predicted, high } of pointsOf([judged('none', 1010)])) {
    expect(measured).toBeGreaterThan(0);
    expect(low).toBeLessThan(predicted);
    expect(high).toBeGreaterThan(predicted);
  }
});

it('there are twelve cases of 1 to 64 clients, each of a model that is served', () => {
  expect(CASES).toHaveLength(12);
  expect(new Set(CASES.map(({ name }) => name)).size).toBe(12);
  expect(Math.min(...CASES.map(({ clients }) => clients))).toBe(1);
  expect(Math.max(...CASES.map(({ clients }) => clients))).toBe(64);
  const served = MODELS.map(({ name }) => name);
  for (const { model } of CASES) expect(served).toContain(model);
});

it('the verdict says which target is held, and the page has the worst case first', () => {
  const cases = [judged('a', 1010), judged('b', 980), judged('c', 1090)];
  expect(verdict(cases)).toBe(
    'Throughput of 3 cases: median error 2.0 % (at most 3: holds), worst 9.0 % (at most 8: MISSED). With ideal clients: median 30.0 %, worst 30.0 %.',
  );
  const leftOut = cases.map((each, i) => ({ ...each, sendUs: 80 + 10 * i }));
  expect(verdict(leftOut)).toMatch(/ A resend costs 80 to 100 us, chosen for each case by the others\.$/);
  const page = resultFiles(cases, 'today').get('README.md')!;
  expect(page).toMatch(/\| c \|.*\| b \|.*\| a \|/s);
});
