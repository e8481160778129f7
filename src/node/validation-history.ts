import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  HISTORY_FILE,
  type PastValidation,
  parseHistory,
  pastValidationOf,
  withValidation,
} from '../validate/history.js';
import type { ValidationReport } from '../validate/report.js';
import { writeFileAtomically } from './atomic-write.js';
import { commit } from './package-facts.js';

/** Adds a validation to the history beside the profiles in `folder`. */
export async function recordValidation(folder: string, report: ValidationReport): Promise<string> {
  const file = join(folder, HISTORY_FILE);
  const before = await readFile(file, 'utf8').catch(() => undefined);
  const facts = { date: new Date().toISOString(), commit: commit() ?? '' };
  await writeFileAtomically(file, withValidation(before, pastValidationOf(report, facts)));
  return file;
}

/** The validations on record beside the profiles in `folder`, oldest first; none where there is no file. */
export async function readValidations(folder: string): Promise<PastValidation[]> {
  const file = join(folder, HISTORY_FILE);
  const text = await readFile(file, 'utf8').catch(() => undefined);
  return text === undefined ? [] : parseHistory(text, { file });
}
