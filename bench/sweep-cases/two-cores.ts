import type { PreparedSweep } from '../../src/node/sweep/prepare-sweep.js';
import { threadRunner } from '../../src/node/sweep/thread-runner.js';
import type { SweepBench } from './case.js';
import { oneModel, prepareTexts } from './workload.js';

/** 200 points: 10 batch sizes, 10 queue delays, 2 numbers of instances. */
const AXES = `axes:
  - {name: batch, vary: maxBatchSize, values: [1, 2, 3, 4, 6, 8, 12, 16, 24, 32]}
  - {name: delayUs, vary: queueDelayUs, values: [0, 100, 200, 500, 1000, 2000, 3000, 5000, 8000, 12000]}
  - {name: instances, vary: instances, values: [1, 2]}
`;
const SCENARIOS = 200;
/** The same sweep on one worker thread and on two, from the start of the threads to the last result. */
export const twoCores: SweepBench = async ({ quick, say }) => {
  const requests = quick ? 100_000 : 1_000_000;
  const sweep = await prepareTexts(
    oneModel(requests),
    `perseus: 1\nname: two-cores\nscenario: scenario.yaml\n${AXES}`,
  );
  if (sweep.points.length !== SCENARIOS) throw new Error(`${sweep.points.length} points`);
  const [one, two] = [await secondsOf(sweep, 1), await secondsOf(sweep, 2)];
  say(
    `${SCENARIOS} scenarios x ${requests} requests: ${one.toFixed(1)} s on one core, ${two.toFixed(1)} s on two`,
  );
  const name = `${SCENARIOS} scenarios x ${requests} requests, two cores against one`;
  return [{ name, value: one / two, bound: 1.9, unit: 'times as fast' }];
};

async function secondsOf({ library, points }: PreparedSweep, threads: number): Promise<number> {
  const jobs = points.map(({ key, scenario }) => ({ key, scenario }));
  const started = performance.now();
  let done = 0;
  await threadRunner(library, threads).run(
    jobs,
    async ({ problems }) => {
      if (problems !== undefined) throw new Error(problems[0]!.what);
      done++;
    },
    new AbortController().signal,
  );
  if (done !== jobs.length) throw new Error(`${done} of ${jobs.length} points are done`);
  return (performance.now() - started) / 1000;
}
