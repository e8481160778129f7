import type { Worker } from 'node:worker_threads';
import { LiveError, type LiveErrorKind } from '../inference-client.js';
import { isEarlyEnd } from './assemble-run.js';
import type { DriveSettings, RunPart } from './drive.js';
import type { ClientRecipe, LoadProgress, PacerKind } from './load-options.js';
import type { TenantPlan } from './plan.js';
import { planOfThread } from './split-plan.js';
import { startWorker } from './start-worker.js';

/** What a sending thread is told. `originNs`: the start of the run on the clock that all threads share. */
export type ThreadCommand = { readonly do: 'start'; readonly originNs: bigint } | { readonly do: 'stop' };

export type ThreadReport =
  /** Its code is loaded: what `startWorker` waits for. */
  | { readonly is: 'started' }
  | { readonly is: 'connected' }
  | { readonly is: 'progress'; readonly progress: LoadProgress }
  | { readonly is: 'done'; readonly part: RunPart }
  | {
      readonly is: 'failed';
      readonly kind: LiveErrorKind;
      readonly message: string;
      readonly remedy: string;
    };

export interface ThreadsOptions extends DriveSettings {
  readonly plans: readonly TenantPlan[];
  readonly threads: number;
  readonly recipes: readonly ClientRecipe[];
  readonly pacer: PacerKind;
}

/** What one of them gets. */
export type ThreadTask = Omit<ThreadsOptions, 'threads' | 'signal' | 'onProgress'>;

/** Time for the word to reach all threads before the first request is due. */
const START_AHEAD_NS = 20_000_000n;

/** Divides the plans among worker threads, each with connections of its own, which start together. */
export async function driveOnThreads(options: ThreadsOptions): Promise<RunPart[]> {
  const team = await startTeam(options);
  const tell = (command: ThreadCommand) => {
    for (const member of team) member.tell(command);
  };
  const stop = () => tell({ do: 'stop' });
  try {
    await Promise.all(team.map(({ connected }) => connected));
    options.signal?.addEventListener('abort', stop);
    tell({ do: 'start', originNs: process.hrtime.bigint() + START_AHEAD_NS });
    if (options.signal?.aborted === true) stop();
    const stopIfEarly = ({ endReason }: RunPart) => (isEarlyEnd(endReason) ? stop() : undefined);
    for (const { done } of team) done.then(stopIfEarly, stop);
    return await Promise.all(team.map(({ done }) => done));
  } finally {
    options.signal?.removeEventListener('abort', stop);
    await Promise.all(team.map((member) => member.end()));
  }
}

/** All of the threads, or none: one that waits for its start would keep the process from ending. */
async function startTeam(options: ThreadsOptions): Promise<SendingThread[]> {
  const report = progressOfTeam(options);
  const starts = await Promise.allSettled(
    Array.from({ length: options.threads }, (_, thread) =>
      SendingThread.start(taskOfThread(options, thread), (progress) => report(thread, progress)),
    ),
  );
  const started = starts.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  const failed = starts.find((each) => each.status === 'rejected');
  if (failed === undefined) return started;
  await Promise.all(started.map((member) => member.end()));
  throw failed.reason;
}

function taskOfThread(options: ThreadsOptions, thread: number): ThreadTask {
  const { signal: _signal, onProgress: _onProgress, threads, ...task } = options;
  return { ...task, plans: planOfThread(task.plans, thread, threads) };
}

/** The progress of all threads together, each time one of them tells. */
function progressOfTeam({ durationUs, onProgress }: ThreadsOptions) {
  const last = new Map<number, LoadProgress>();
  return (thread: number, progress: LoadProgress): void => {
    last.set(thread, progress);
    const sum = (count: 'sent' | 'answered' | 'failed') =>
      [...last.values()].reduce((total, each) => total + each[count], 0);
    onProgress?.({
      elapsedUs: progress.elapsedUs,
      durationUs,
      sent: sum('sent'),
      answered: sum('answered'),
      failed: sum('failed'),
    });
  };
}

/** This side of a worker thread that sends. */
class SendingThread {
  readonly connected: Promise<void>;
  readonly done: Promise<RunPart>;
  readonly #worker: Worker;

  static async start(task: ThreadTask, onProgress: (progress: LoadProgress) => void): Promise<SendingThread> {
    return new SendingThread(await startWorker('load-worker', import.meta.url, task), onProgress);
  }

  private constructor(worker: Worker, onProgress: (progress: LoadProgress) => void) {
    this.#worker = worker;
    worker.on('message', (said: ThreadReport) => {
      if (said.is === 'progress') onProgress(said.progress);
    });
    this.connected = this.#hears((said) => (said.is === 'connected' ? { value: undefined } : undefined));
    this.done = this.#hears((said) => (said.is === 'done' ? { value: said.part } : undefined));
  }

  tell(command: ThreadCommand): void {
    this.#worker.postMessage(command);
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  /** Resolves when the thread says what is waited for, rejects when it fails or ends before. */
  #hears<Value>(answer: (said: ThreadReport) => { readonly value: Value } | undefined): Promise<Value> {
    const heard = new Promise<Value>((resolve, reject) => {
      this.#worker.on('message', (said: ThreadReport) => {
        const found = answer(said);
        if (found !== undefined) resolve(found.value);
        else if (said.is === 'failed') reject(new LiveError(said.kind, said.message, said.remedy));
      });
      this.#worker.once('error', reject);
      this.#worker.once('exit', () => reject(new Error('a sending thread ended before its run')));
    });
    // Who waits for the other promise hears of the failure; this one may never be looked at.
    heard.catch(() => undefined);
    return heard;
  }
}
