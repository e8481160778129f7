import { sparseLoads } from '../../src/calibrate/fit/counted-loads.js';
import { meanSingleUs } from '../../src/calibrate/fit/phases.js';
import type { Observation } from '../../src/calibrate/observation.js';
import type { LiveRun } from '../../src/live/run-live.js';
import type { LiveCase } from './scenarios.js';

/** How long an execution of one request of a model took that had the server for itself. */
export interface MachineSpeed {
  readonly model: string;
  /** Means of the loads of its calibration, which took minutes. */
  readonly calibratedMs: readonly number[];
  /** Means of the live runs, in the order measured. */
  readonly runsMs: readonly number[];
}

export interface RunsOfCase {
  readonly live: Pick<LiveCase, 'group' | 'loads'>;
  readonly runs: readonly Pick<LiveRun, 'statistics'>[];
}

/** Of each case with one network: sleeping models take as long on any machine. Tells a machine that changed from a wrong rule. */
export function machineSpeeds(
  measured: readonly RunsOfCase[],
  observations: readonly Observation[],
): MachineSpeed[] {
  return measured.flatMap(({ live, runs }) => {
    const [only, ...others] = live.loads;
    if (live.group !== 'onnx' || only === undefined || others.length > 0) return [];
    const { model } = only;
    const calibratedMs = sparseLoads(observations, model).flatMap(({ counted }) => {
      const us = meanSingleUs(counted);
      return us === undefined ? [] : [us / 1000];
    });
    const runsMs = runs.flatMap(({ statistics }) => {
      const us = meanSingleUs(statistics.filter((each) => each.model === model));
      return us === undefined ? [] : [us / 1000];
    });
    return calibratedMs.length === 0 || runsMs.length === 0 ? [] : [{ model, calibratedMs, runsMs }];
  });
}
