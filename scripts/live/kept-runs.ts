import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { InferenceClient } from '../../src/live/inference-client.js';
import { runFailure } from '../../src/live/run-failure.js';
import { type LiveRun, runLive } from '../../src/live/run-live.js';
import { writeFileAtomically } from '../../src/node/files/atomic-write.js';
import { readRequestLog, writeRequestLog } from '../../src/node/runs/request-log-files.js';
import type { Scenario } from '../../src/scenario/scenario.js';

/** Live runs are kept whole, so that a run that was stopped goes on and figures can be made again. */
export async function keepRun(folder: string, name: string, { log, ...rest }: LiveRun): Promise<void> {
  await writeRequestLog(join(folder, `${name}.arrow`), log);
  await writeFileAtomically(join(folder, `${name}.json`), JSON.stringify(rest));
}

/**
 * The run of this name as it was kept, or else one that is played now and kept.
 * @param onPlay told before it is played
 * @throws LiveError where the run is no measurement; it is not kept
 */
export async function keptOrPlayed(
  folder: string,
  name: string,
  { scenario, client, onPlay }: Play,
): Promise<LiveRun> {
  const before = await keptRun(folder, name);
  if (before !== undefined) return before;
  onPlay();
  const run = await runLive(scenario, { servers: [{ client }] });
  const failure = runFailure(run);
  if (failure !== undefined) throw failure;
  await keepRun(folder, name, run);
  return run;
}

interface Play {
  readonly scenario: Scenario;
  readonly client: InferenceClient;
  readonly onPlay: () => void;
}

/** Typed arrays, as `JSON.stringify` writes them: an object with a field per index, NaN as null. */
type Written = Readonly<Record<string, number | null>>;

interface WrittenRun extends Omit<LiveRun, 'log' | 'answers'> {
  readonly answers?: { readonly endedUs: Written; readonly outcome: Record<string, number> };
}

/** A kept run, or undefined where it has not been made yet. */
export async function keptRun(folder: string, name: string): Promise<LiveRun | undefined> {
  const text = await readFile(join(folder, `${name}.json`), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const log = await readRequestLog(join(folder, `${name}.arrow`));
  const { answers, ...rest } = JSON.parse(text) as WrittenRun;
  if (answers === undefined) return { ...rest, log };
  const endedUs = Float64Array.from(Object.values(answers.endedUs), (us) => us ?? Number.NaN);
  return { ...rest, log, answers: { endedUs, outcome: Uint8Array.from(Object.values(answers.outcome)) } };
}
