import { dirname, resolve } from 'node:path';
import * as z from 'zod';
import { parseDocumentWith } from '../../base/document.js';
import type { Path } from '../../base/path.js';
import { InputError, type Place, type Problem } from '../../base/problem.js';
import type { TenantTable } from '../../scenario/spec/tenant-table.js';
import { parseScenarioSpec } from '../../scenario/spec.js';
import { copyPlain, type Plain, type PlainRecord } from '../../sweep/plain.js';
import { placeOfNamed } from '../files/named-path.js';
import { readNamed } from '../files/read-text.js';
import { renameFiles } from '../scenario/named-files.js';
import { readTenantTable } from '../scenario/scenario-files.js';
import { NamedConfigs } from './named-configs.js';

/** The scenario that a sweep changes. */
export interface BaseScenario {
  readonly file: string;
  /** As it is written, with absolute paths and with model configurations inline, so that axes reach into them. */
  readonly document: PlainRecord;
  readonly positionOf: (path: Path) => Place;
  /** What is wrong with it by itself: points without these parts can still be checked. */
  readonly problems: readonly Problem[];
}

/**
 * Reads the base scenario of a sweep, which names it at `place`. It is not checked: its points are.
 * @throws InputError where nothing of its text is a scenario, or a model's configuration cannot be read
 */
export async function readBaseScenario(file: string, place: Place): Promise<BaseScenario> {
  const text = await readNamed(file, place);
  const { spec, problems } = parseScenarioSpec(text, { file });
  if (spec === undefined) throw new InputError(problems);
  const written = parseDocumentWith(z.unknown(), text, { file });
  const document = copyPlain(written.value) as PlainRecord;
  const { positionOf } = written;
  const folder = dirname(file);
  const ofConfigs = await new NamedConfigs(folder).inlineIn(document, positionOf);
  const table =
    spec.tenantsFile === undefined ? undefined : await readTable(resolve(folder, spec.tenantsFile));
  const all = [...problems, ...ofConfigs, ...(table?.problems ?? [])];
  if (all.length > problems.length) throw new InputError(all);
  if (table !== undefined) inlineTenants(document, table);
  renameFiles(document, (path) => placeOfNamed(path, folder));
  return { file, document, positionOf, problems };
}

async function readTable(path: string): Promise<Pick<TenantTable, 'written' | 'problems'>> {
  const { value, problems = [] } = await readTenantTable(path);
  return value ?? { written: [], problems: problems.map((problem) => ({ file: path, ...problem })) };
}

/** Puts the tenants of the table after those of the file. */
function inlineTenants(document: PlainRecord, { written }: Pick<TenantTable, 'written'>): void {
  const { tenants, tenantsFile: _, ...rest } = document;
  for (const key of Object.keys(document)) delete document[key];
  const own = Array.isArray(tenants) ? tenants : [];
  Object.assign(document, rest, { tenants: [...own, ...(copyPlain(written) as Plain[])] });
}
