/// <reference lib="webworker" />
import { formatProblem, InputError } from '../../base/problem.js';
import type { ScenarioResources } from '../../scenario/resources.js';
import { resourcesOf, type ScenarioData } from '../carried.js';
import { type Job, runJob } from '../jobs.js';
import { openTables } from '../open-tables.js';
import { simulateCarried } from '../simulate-carried.js';
import type { Asked, JobTold, Told } from './protocol.js';

declare const self: DedicatedWorkerGlobalScope;

let resources: ScenarioResources | undefined;
let version = '';

self.onmessage = ({ data }: MessageEvent<Asked>) => {
  if (data.kind === 'files') {
    resources = resourcesOf(data.files);
    version = data.files.version;
    return;
  }
  if (data.kind === 'job') {
    doJob(data.job, data.spec);
    return;
  }
  const { id, spec, mostRequests } = data;
  const tell = (answer: Told['answer']) => self.postMessage({ id, answer } satisfies Told);
  try {
    tell(simulateCarried(spec, resources!, { version, ...(mostRequests !== undefined && { mostRequests }) }));
  } catch (error) {
    tell({ failure: error instanceof Error ? error.message : String(error) });
  }
};

async function doJob(job: Job, spec: ScenarioData): Promise<void> {
  const tell = (told: JobTold) => self.postMessage(told);
  try {
    const onStep = (step: string) => tell({ step });
    const read = job.kind === 'take' ? { ...job, dropped: await openTables(job.dropped) } : job;
    tell({ result: runJob(read, { spec, resources: resources!, version, onStep }) });
  } catch (error) {
    const problems = error instanceof InputError ? error.problems.map(formatProblem) : [String(error)];
    tell({ problems });
  }
}
