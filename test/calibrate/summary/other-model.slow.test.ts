import { expect, it } from 'vitest';
import { simulateLoop } from '../../../src/calibrate/summary/closed-loop.js';
import { fitFromSummaries } from '../../../src/calibrate/summary/fit-from-summaries.js';
import type { SummarySetup } from '../../../src/calibrate/summary/observation.js';
import { summaryProfile } from '../../../src/calibrate/summary/summary-profile.js';
import { config } from '../../support/scenario.js';
import { setup, spread, truth } from './true-server.js';

it('fitFromSummaries says where rows are not those of such a model: a queue delay that nobody told of', () => {
  const dynamicBatching = { preferredBatchSizes: [4], maxQueueDelayUs: 200_000 };
  const delayed = { ...setup, config: config('m', 8, dynamicBatching) };
  const profile = summaryProfile(truth, delayed, spread);
  const rows = [1, 2, 4, 6].map((concurrency) => {
    const loop = { concurrency, requestBatch: 1, latencyMs: 200, rounds: 20, seed: 'truth' };
    return simulateLoop(truth, profile, delayed, loop);
  });
  const said = (of: SummarySetup) => fitFromSummaries(rows, of).uncertain.join(' ');
  expect(said(setup)).toMatch(/^The rows are given back within \d+ % only: .*--config/);
  expect(said(delayed)).not.toContain('given back');
}, 60_000);
