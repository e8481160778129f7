import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LiveRun } from '../../src/live/run-live.js';
import { writeFileAtomically } from '../../src/node/atomic-write.js';
import { requestLogFromArrow, requestLogToArrow } from '../../src/trace/request-log-table.js';

/** Live runs are kept whole, so that a run that was stopped goes on and figures can be made again. */
export async function keepRun(folder: string, name: string, { log, ...rest }: LiveRun): Promise<void> {
  await writeFileAtomically(join(folder, `${name}.arrow`), requestLogToArrow(log));
  await writeFileAtomically(join(folder, `${name}.json`), JSON.stringify(rest));
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
  const log = requestLogFromArrow(await readFile(join(folder, `${name}.arrow`)));
  const { answers, ...rest } = JSON.parse(text) as WrittenRun;
  if (answers === undefined) return { ...rest, log };
  const endedUs = Float64Array.from(Object.values(answers.endedUs), (us) => us ?? Number.NaN);
  return { ...rest, log, answers: { endedUs, outcome: Uint8Array.from(Object.values(answers.outcome)) } };
}
