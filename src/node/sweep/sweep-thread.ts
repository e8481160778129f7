import { Piscina } from 'piscina';
import type { ModelProfile } from '../../profile/profile.js';
import { PointEvaluator } from '../../sweep/evaluate.js';
import type { Trace } from '../../trace/trace.js';
import { digest, Library } from './content-library.js';
import { evaluateJob } from './evaluate-job.js';
import type { EvaluatedJob, PointResult } from './runner.js';

/** Profiles and traces by the hash of their content. */
export interface PointContent {
  readonly profiles: ReadonlyMap<string, ModelProfile>;
  readonly traces: ReadonlyMap<string, Trace>;
}

/** What every thread of a pool is given: all content, where it is known before. */
export interface ThreadData extends PointContent {
  readonly engine: string;
}

/** A job, with the content that it needs where threads were not given it. */
export interface SweepTask {
  readonly job: EvaluatedJob;
  readonly content?: PointContent;
}

const { engine, ...given } = Piscina.workerData as ThreadData;
const library = new Library();
const evaluator = new PointEvaluator({ engine, digest, library });
addContent(given);

/** Runs in a worker thread: simulates one point after the other. */
export default function run({ job, content }: SweepTask): PointResult {
  if (content !== undefined) {
    library.clear();
    addContent(content);
  }
  return evaluateJob(evaluator, job);
}

function addContent({ profiles, traces }: PointContent): void {
  for (const [hash, profile] of profiles) library.profiles.set(hash, profile);
  for (const [hash, trace] of traces) library.traces.set(hash, trace);
}
