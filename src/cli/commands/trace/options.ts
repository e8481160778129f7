import type { InferredOptionTypes } from 'yargs';
import { InputError } from '../../../base/problem.js';
import type { ReadOptions } from '../../../trace/collect.js';
import { MAX_TENANTS } from '../../../trace/columns.js';
import type { Trace } from '../../../trace/trace.js';
import { gatherProblems } from '../../gather-problems.js';
import { listedNames } from '../../listed-names.js';

const EXTENSIONS = '.arrow, .parquet, .csv or .jsonl; the last two also with .gz';

export const fileArgument = {
  type: 'string',
  demandOption: true,
  describe: `Trace file: ${EXTENSIONS}`,
} as const;

export const outOption = {
  type: 'string',
  describe: `File to write: ${EXTENSIONS}`,
} as const;

export const writeOptions = {
  out: { ...outOption, demandOption: true },
  json: { type: 'boolean', default: false, describe: 'Print what was written as JSON' },
} as const;

export type WriteArguments = InferredOptionTypes<typeof writeOptions>;

export const seedOption = {
  type: 'string',
  default: '1',
  describe: 'Seed of the random draws',
} as const;

/**
 * The trace that a command changes.
 * @throws InputError with what is wrong with it, with the place of the result and by the command's own checks
 */
export async function readSource(
  { file, out }: { readonly file: string; readonly out: string },
  checks: readonly (() => unknown)[] = [],
  options: Omit<ReadOptions, 'file'> = {},
): Promise<Trace> {
  const { readTrace } = await import('../../../node/scenario/trace-files.js');
  const [trace] = await gatherProblems(
    () => readTrace(file, options),
    () => requirePlace(out),
    ...checks,
  );
  return trace;
}

/** @throws InputError when no trace can be written there */
export async function requirePlace(out: string): Promise<void> {
  const { requireTraceName } = await import('../../../node/scenario/trace-files.js');
  const { requireFilePlace } = await import('../../../node/files/output-places.js');
  await gatherProblems(
    () => requireTraceName(out),
    () => requireFilePlace('--out', out),
  );
}

export function microseconds(seconds: number): number {
  return Math.round(seconds * 1e6);
}

/**
 * Names with commas between them, or how many there should be: `3` gives tenant-1, tenant-2, tenant-3.
 *
 * @throws InputError on an empty name or number
 */
export function tenantNames(text: string): readonly string[] {
  if (/^\d+$/.test(text)) return numberedNames(Number(text));
  return listedNames('--tenants', text);
}

function numberedNames(count: number): readonly string[] {
  if (count >= 1 && count <= MAX_TENANTS) {
    return Array.from({ length: count }, (_, i) => `tenant-${i + 1}`);
  }
  throw InputError.of(`cannot make ${count} tenants`, `write 1 to ${MAX_TENANTS}`, { path: '--tenants' });
}
