import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { digest } from '../../src/node/sweep/content-library.js';
import { engine } from '../../src/node/sweep/engine.js';
import type { PreparedSweep } from '../../src/node/sweep/prepare-sweep.js';
import { threadRunner } from '../../src/node/sweep/thread-runner.js';
import { PointEvaluator } from '../../src/sweep/evaluate.js';
import type { SweepBench } from './case.js';
import { TWO_CORES_POINTS, twoCoresSweep } from './workload.js';

/** Which points: every `of`th, from `part` on. */
interface LoneShare {
  readonly requests: number;
  readonly part: number;
  readonly of: number;
}

const share = JSON.parse(process.argv[2]!) as LoneShare;
const { library, points } = await twoCoresSweep(share.requests);
const evaluator = new PointEvaluator({ engine: engine(), digest, library });

process.once('message', () => {
  points.forEach(({ scenario }, i) => {
    if (i % share.of === share.part) evaluator.evaluate(scenario);
  });
  process.send!('done', () => process.disconnect());
});
process.send!('ready');

const LONE_PROCESS = fileURLToPath(new URL('./lone-process.ts', import.meta.url));

/**
 * The same sweep on one worker thread and on two, from the start of the threads to the last result. Beside it what the
 * machine allows: the same points in one process and in two that share nothing, not even a heap.
 */
export const twoCores: SweepBench = async ({ quick, say }) => {
  const requests = quick ? 100_000 : 1_000_000;
  const sweep = await twoCoresSweep(requests);
  const [one, two] = [await secondsOf(sweep, 1), await secondsOf(sweep, 2)];
  const [alone, apart] = [await secondsApart(requests, 1), await secondsApart(requests, 2)];
  say(
    `${TWO_CORES_POINTS} scenarios x ${requests} requests: ${one.toFixed(1)} s on one thread, ${two.toFixed(1)} s on two; ` +
      `in one process ${alone.toFixed(1)} s, in two that share nothing ${apart.toFixed(1)} s, ` +
      `which is ${(alone / apart).toFixed(2)} times as fast: what two cores of this machine are worth`,
  );
  const name = `${TWO_CORES_POINTS} scenarios x ${requests} requests, two cores against one`;
  return [{ name, value: one / two, bound: 1.9, unit: 'times as fast' }];
};

async function secondsOf({ library, points }: PreparedSweep, threads: number): Promise<number> {
  const started = performance.now();
  let done = 0;
  await threadRunner(library, threads)(
    points,
    async ({ problems }) => {
      if (problems !== undefined) throw new Error(problems[0]!.what);
      done++;
    },
    new AbortController().signal,
  );
  if (done !== points.length) throw new Error(`${done} of ${points.length} points are done`);
  return (performance.now() - started) / 1000;
}

/** From the moment when all are ready until the last one is done. */
async function secondsApart(requests: number, processes: number): Promise<number> {
  const children = Array.from({ length: processes }, (_, part) => {
    const share: LoneShare = { requests, part, of: processes };
    return fork(LONE_PROCESS, [JSON.stringify(share)], { execArgv: ['--import', 'tsx'] });
  });
  await Promise.all(children.map(said));
  const started = performance.now();
  for (const child of children) child.send('go');
  await Promise.all(children.map(said));
  return (performance.now() - started) / 1000;
}

/** Its next message. @throws when it ends without one */
async function said(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit').then(([code]) => {
    throw new Error(`a process of the bench ended with ${code}`);
  });
  await Promise.race([once(child, 'message'), gone]);
  gone.catch(() => undefined);
}
