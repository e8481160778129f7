import { randomBytes } from 'node:crypto';
import { basename, dirname, join } from 'node:path';

/** 64 bits: nobody guesses the name, to put a link there before. */
const RANDOM_BYTES = 8;

/** So many bytes a temporary name is longer than the name that it stands for: two dots, the random digits, `.tmp`. */
export const TEMPORARY_BYTES = 2 * RANDOM_BYTES + 6;

/** The name that a result has beside its place until it is whole. */
export function temporaryName(path: string): string {
  return join(dirname(path), `.${basename(path)}.${randomBytes(RANDOM_BYTES).toString('hex')}.tmp`);
}

/** Whether a name is a temporary one of ours, in today's form or in the one before with a UUID. */
export function isTemporaryName(name: string): boolean {
  return /^\..+\.([0-9a-f]{16}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})\.tmp$/.test(name);
}
