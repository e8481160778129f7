import { dirname, join, relative, resolve } from 'node:path';
import type { ModelProfile } from '../../profile/profile.js';
import {
  HISTORY_FILE,
  type PastValidation,
  parseHistory,
  pastValidationOf,
  withValidation,
} from '../../validate/history.js';
import type { ValidationReport } from '../../validate/report.js';
import { writeFileAtomically } from '../files/atomic-write.js';
import { isFolder } from '../files/exists.js';
import { placeOfNamed } from '../files/named-path.js';
import { readTextIfPresent } from '../files/read-text.js';
import { commit } from '../runs/package-facts.js';
import type { LoadedScenario } from '../scenario/scenario-files.js';

/**
 * Adds a validation to the history beside the profiles of a scenario: in the first folder of profiles that
 * it uses.
 * @returns the file that was written
 */
export async function recordValidation(
  path: string,
  loaded: LoadedScenario,
  report: ValidationReport,
): Promise<string> {
  const [folder] = await profileFolders(path, loaded);
  const file = join(folder!, HISTORY_FILE);
  const before = await readTextIfPresent(file);
  const facts = { date: new Date().toISOString(), commit: commit() ?? '' };
  await writeFileAtomically(file, withValidation(before, pastValidationOf(report, facts)));
  return file;
}

/**
 * The validations on record beside the profiles that a scenario uses, oldest first.
 * @throws InputError with the lines of a history that are no validations
 */
export async function readValidations(path: string, loaded: LoadedScenario): Promise<PastValidation[]> {
  const folders = await profileFolders(path, loaded);
  const histories = await Promise.all(folders.map(readHistory));
  return histories.flat().sort((a, b) => (a.date < b.date ? -1 : Number(a.date > b.date)));
}

async function readHistory(folder: string): Promise<PastValidation[]> {
  const file = join(folder, HISTORY_FILE);
  const text = await readTextIfPresent(file);
  return text === undefined ? [] : parseHistory(text, { file });
}

/** Folders that a scenario names for the profiles it uses, and those of the files found below them. */
async function profileFolders(
  path: string,
  { spec, resources, scenario }: LoadedScenario,
): Promise<string[]> {
  const nameOf = ({ model, device }: ModelProfile) => `${model}@${device}`;
  const instances = scenario.servers.flatMap(({ models }) => models.flatMap((model) => model.instances));
  const used = new Set(instances.map(({ profile }) => nameOf(profile)));
  const folders = new Set<string>();
  for (const named of spec.profiles) {
    const files = resources.profiles.get(named)?.value ?? [];
    const usedFiles = files.filter(({ profile }) => used.has(nameOf(profile)));
    const place = placeOfNamed(named, dirname(path));
    if (usedFiles.length > 0 && (await isFolder(place))) folders.add(resolve(place));
    for (const { file } of usedFiles) folders.add(resolve(dirname(file)));
  }
  return [...folders].map((folder) => relative('.', folder) || '.');
}
