import { expect, it } from 'vitest';
import { PART_METRICS } from '../../src/validate/compare-runs.js';
import { lostTimeSentences } from '../../src/validate/lost-time.js';
import type { ModelParts, ValidationReport } from '../../src/validate/report.js';
import { config, poisson, profile, scenario, server, tenant } from '../support/scenario.js';
import { compared, threeTenants } from './runs.js';

const same = compared(threeTenants(), threeTenants());

/** A model of 1 ms in the queue and 4 in inference, of which the server took so much more. */
function parts(subject: string, more: Readonly<Record<string, number>>): ModelParts {
  const usual: Record<string, number> = { queueMs: 1, inferMs: 4 };
  const predictedMs = PART_METRICS.map(({ name }) => usual[name] ?? 0);
  return {
    subject,
    predictedMs,
    measuredMs: PART_METRICS.map(({ name }, i) => predictedMs[i]! + (more[name] ?? 0)),
    executionPercent: Number.NaN,
  };
}

const reportOf = (...models: ModelParts[]): ValidationReport => ({ ...same, parts: models });

it('says nothing of a model whose mean is as predicted, however its parts are', () => {
  expect(lostTimeSentences(reportOf(parts('web', { queueMs: -0.3, inferMs: 0.32 })))).toEqual([]);
});

it('names the part in which most of the difference lies, in its direction', () => {
  const longer = parts('web', { networkMs: 0.5, queueMs: -0.2, outputMs: 0.1 });
  const shorter = parts('app', { queueMs: -0.5, networkMs: 0.2 });
  expect(lostTimeSentences(reportOf(longer, shorter))).toEqual([
    'web: 0.40 ms longer than predicted in the mean, most of it in network and front end (0.50 ms).',
    'app: 0.30 ms shorter than predicted in the mean, most of it in queue (0.50 ms).',
  ]);
});

it('names no part that differs more in the other direction', () => {
  const longer = parts('web', { networkMs: 1, queueMs: -1.2, inferMs: 0.8 });
  expect(lostTimeSentences(reportOf(longer))).toEqual([
    'web: 0.60 ms longer than predicted in the mean, most of it in network and front end (1.00 ms).',
  ]);
});

it('sends the user to calibrate again where executions took longer, once for all models', () => {
  const slow = (subject: string) => parts(subject, { inferMs: 0.8 });
  const sentences = lostTimeSentences(reportOf(slow('web'), slow('app')));
  expect(sentences).toHaveLength(3);
  expect(sentences[2]).toMatch(/calibrate again/);
});

it('names the executions where they took longer and most shows in the queue, in which requests wait for them', () => {
  const busy = (fixedMs: number, ratePerS: number) =>
    scenario(
      [server('s', { models: [{ config: config('m', 8, {}), profile: profile('m', fixedMs, 0.25) }] })],
      [tenant('web', 'm', poisson('web', ratePerS, 10 * ratePerS))],
      11,
    );
  const [slower, remedy] = lostTimeSentences(compared(busy(2.6, 1400), busy(2, 1400)));
  expect(slower).toMatch(
    /most of it in queue \([\d.]+ ms\); executions of the same batch sizes were [12]\d\.\d % longer\.$/,
  );
  expect(remedy).toMatch(/calibrate again/);
  const [more, ...others] = lostTimeSentences(compared(busy(2, 1600), busy(2, 1400)));
  expect(more).toMatch(/most of it in queue \([\d.]+ ms\)\.$/);
  expect(others).toEqual([]);
});

it('says nothing of parts that nobody measured, nor where no mean is judged', () => {
  const unknown = parts('web', { inferMs: Number.NaN });
  expect(lostTimeSentences(reportOf(unknown))).toEqual([]);
  const slow = parts('web', { inferMs: 1 });
  const figures = same.figures.map((figure) => ({ ...figure, tolerance: undefined }));
  expect(lostTimeSentences({ ...reportOf(slow), figures })).toEqual([]);
});
