import { Piscina } from 'piscina';
import type { CandidateFigures } from '../../plan/tune/figures.js';
import type { TuneJob } from '../../plan/tune/job.js';
import { TuneRunner } from '../../plan/tune/job-runner.js';
import type { TuneSpace } from '../../plan/tune/space.js';
import { loadScenario, type ScenarioOverrides } from '../scenario/scenario-files.js';

/** What each thread is started with: it reads the scenario itself. */
export interface TuneWorkerData {
  readonly file: string;
  readonly overrides: ScenarioOverrides;
  readonly space: TuneSpace;
}

/** No await at the top: under tsx a thread's file is loaded as CommonJS, which has none. */
const ready = start(Piscina.workerData as TuneWorkerData);

async function start({ file, overrides, space }: TuneWorkerData): Promise<TuneRunner> {
  const { spec, resources } = await loadScenario(file, overrides);
  return new TuneRunner({ spec, resources, space });
}

/** Runs in a worker thread: simulates jobs one after the other. */
export default async function run(jobs: readonly TuneJob[]): Promise<CandidateFigures[]> {
  const runner = await ready;
  return jobs.map((job) => runner.run(job));
}
