import { type ReadonlySignal, signal } from '@preact/signals';
import type { Job, JobResults } from '../jobs.js';
import type { Asked, JobTold } from './protocol.js';
import { files, spec } from './state.js';
import SimulationWorker from './worker.js?worker&inline';

/** How far a job is; nothing was asked where all are absent. */
export interface JobState<Result> {
  readonly step?: string;
  readonly result?: Result;
  readonly problems?: readonly string[];
}

export interface OnDemand<Result> {
  readonly state: ReadonlySignal<JobState<Result>>;
  readonly start: (job: Job) => void;
  readonly stop: () => void;
}

/** Jobs of one kind on a thread of their own, one at a time. What was found is forgotten when the scenario changes. */
export function onDemand<Kind extends Job['kind']>(_: Kind): OnDemand<JobResults[Kind]> {
  const state = signal<JobState<JobResults[Kind]>>({});
  let worker: Worker | undefined;
  const end = () => {
    worker?.terminate();
    worker = undefined;
  };
  const stop = () => {
    end();
    state.value = {};
  };
  spec.subscribe(stop);
  const start = (job: Job) => {
    stop();
    state.value = { step: 'begins' };
    worker = new SimulationWorker();
    worker.onmessage = ({ data }: MessageEvent<JobTold>) => {
      if (!('step' in data)) end();
      state.value = data as JobState<JobResults[Kind]>;
    };
    const asked: readonly Asked[] = [
      { kind: 'files', files: files.value },
      { kind: 'job', job, spec: spec.value },
    ];
    for (const one of asked) worker.postMessage(one);
  };
  return { state, start, stop };
}

/**
 * What a job gives that is of no scenario that is open, and is there soon.
 * @throws what {@link problemsIn} tells of
 */
export function ask<Kind extends Job['kind']>(job: Job & { readonly kind: Kind }): Promise<JobResults[Kind]> {
  return new Promise((take, refuse) => {
    const worker = new SimulationWorker();
    worker.onmessage = ({ data }: MessageEvent<JobTold>) => {
      if ('step' in data) return;
      worker.terminate();
      if ('result' in data) take(data.result as JobResults[Kind]);
      else refuse(new Refused(data.problems));
    };
    worker.postMessage({ kind: 'job', job, spec: {} } satisfies Asked);
  });
}

/** What is wrong, for people, of whatever was caught. */
export function problemsIn(error: unknown): readonly string[] {
  return error instanceof Refused ? error.problems : [error instanceof Error ? error.message : String(error)];
}

class Refused extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

/** What a job does now, with a button that stops it; or what is wrong. */
export function Progress({ job: { state, stop } }: { readonly job: OnDemand<unknown> }) {
  const { step, problems = [] } = state.value;
  return (
    <div role="status">
      {step !== undefined && (
        <p class="quiet">
          {step} …{' '}
          <button type="button" onClick={stop}>
            Stop
          </button>
        </p>
      )}
      {problems.map((problem) => (
        <p class="bad" key={problem}>
          {problem}
        </p>
      ))}
    </div>
  );
}
