import { describe, expect, it } from 'vitest';
import type { Experiment } from '../../../src/calibrate/experiment.js';
import { refineThreadWaits } from '../../../src/calibrate/fit/threads/waits-by-replay.js';
import type { ThreadWaits } from '../../../src/profile/serving.js';
import { config, profile } from '../../support/scenario.js';
import { SERVING, simulatedObservation } from './simulated-observations.js';

type Cores = readonly [number, number];

/** Models that compute, or only wait, one execution of 2 ms and one of 3. */
function models([first, second]: Cores) {
  const one = (name: string, inferMs: number, infer: number) => ({
    config: config(name, 8, {}),
    profile: profile(name, inferMs, 0.1, {
      device: 'CPU',
      hostCores: { input: 0, infer, output: 0, response: 0 },
      spread: { law: 'lognormal', cv: 0.05 },
      serving: SERVING,
    }),
  });
  return [one('first', 2, first), one('second', 3, second)];
}

const POINT: Experiment = {
  kind: 'together',
  id: 'first/together-with-second',
  model: 'first',
  other: 'second',
  busyShare: 0.4,
};

function refined(truth: ThreadWaits | undefined, expected: ThreadWaits, cores: Cores = [1, 1]): ThreadWaits {
  const served = models(cores);
  const serving = { ...SERVING, ...(truth !== undefined && { threadWaits: truth }) };
  const observation = simulatedObservation({ models: served, serving }, POINT, 240);
  const servedUnder = (threadWaits: ThreadWaits) =>
    served.map((each) => ({ ...each, profile: { ...each.profile, serving: { ...SERVING, threadWaits } } }));
  return refineThreadWaits([observation], servedUnder, expected);
}

const meanUs = ({ share, longestUs }: ThreadWaits) => (share * longestUs) / 2;

describe('what threads wait, from pairs of models', () => {
  it('is found again where the generator showed less of it', () => {
    const truth = { share: 0.17, longestUs: 4000 };
    const found = refined(truth, { share: 0.05, longestUs: 2500 });
    expect(meanUs(found) / meanUs(truth)).toBeGreaterThan(0.6);
    expect(meanUs(found) / meanUs(truth)).toBeLessThan(1.6);
  });

  it('is as much as the inferences of a model say that only waits', () => {
    const truth = { share: 0.13, longestUs: 3000 };
    const found = refined(truth, { share: 0.05, longestUs: 4000 }, [0, 1]);
    expect(meanUs(found) / meanUs(truth)).toBeGreaterThan(0.8);
    expect(meanUs(found) / meanUs(truth)).toBeLessThan(1.2);
  });

  it('is less than expected where the tails are short', () => {
    expect(meanUs(refined(undefined, { share: 0.05, longestUs: 4000 }))).toBeLessThan(0.05 * 2000);
  });

  it('stays what is expected where nothing computes', () => {
    const expected = { share: 0.05, longestUs: 2500 };
    expect(refined(undefined, expected, [0, 0])).toEqual(expected);
  });
});
