import { Piscina } from 'piscina';
import type { ModelProfile } from '../../profile/profile.js';
import { PointEvaluator } from '../../sweep/evaluate.js';
import type { Trace } from '../../trace/trace.js';
import { digest, Library } from './content-library.js';
import { evaluateJob } from './evaluate-job.js';
import type { PointJob, PointResult } from './runner.js';

/** What every thread of a pool is given. */
export interface ThreadData {
  readonly engine: string;
  readonly profiles: ReadonlyMap<string, ModelProfile>;
  readonly traces: ReadonlyMap<string, Trace>;
}

const { engine, profiles, traces } = Piscina.workerData as ThreadData;
const library = new Library();
for (const [hash, profile] of profiles) library.profiles.set(hash, profile);
for (const [hash, trace] of traces) library.traces.set(hash, trace);
const evaluator = new PointEvaluator({ engine, digest, library });

/** Runs in a worker thread: simulates one point after the other. */
export default function run(job: PointJob): PointResult {
  return evaluateJob(evaluator, job);
}
