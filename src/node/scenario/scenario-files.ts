import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as z from 'zod';
import { checkAgainst } from '../../base/document/schema-problems.js';
import { given } from '../../base/given.js';
import { formatPath } from '../../base/path.js';
import { InputError, type Place } from '../../base/problem.js';
import { STANDARD_INPUT } from '../../base/standard-input.js';
import { priceMachine } from '../../cost/machine-price.js';
import { type CheckedScenario, checkScenario } from '../../scenario/check.js';
import type {
  ConfigFile,
  Loaded,
  PriceMachine,
  ProfileFile,
  ScenarioResources,
} from '../../scenario/resources.js';
import { parseTenantTable, type TenantTable } from '../../scenario/spec/tenant-table.js';
import {
  parseScenarioSpec,
  type ScenarioDocument,
  type ScenarioSpec,
  scenarioSpecSchema,
  type TenantsDocument,
  withTenantTable,
} from '../../scenario/spec.js';
import { isShipped, placeOfNamed } from '../files/named-path.js';
import { readDocument, shownPath, whyUnreadable } from '../files/read-text.js';
import { readPriceBook } from './price-files.js';
import { readProfiles, readServerProfile } from './profile-files.js';
import { readTrace } from './trace-files.js';

/** What a command line or a program may set in place of the file; absent = as the file says. */
export interface ScenarioOverrides {
  /** A whole number or a text. */
  readonly seed?: number | string;
  readonly durationS?: number;
  readonly warmUpS?: number;
}

const { durationS, warmUpS } = scenarioSpecSchema.shape;
/** As in a file; but seeds of replications may be longer than one that a person writes. */
const overridesSchema = z
  .object({
    seed: z.union([z.int('is not a whole number'), z.string()]),
    durationS,
    warmUpS: warmUpS.unwrap(),
  })
  .partial();

/** A checked scenario with the spec it came from and the files it was read from. */
export interface LoadedScenario extends CheckedScenario {
  readonly spec: ScenarioSpec;
  readonly resources: ScenarioResources;
}

/**
 * Reads a scenario file and every file that it names (paths are relative to the scenario file), and
 * checks them together. `named`: where another file names this one, for a path that leads nowhere.
 * @throws InputError with everything that is wrong in any of them
 */
export async function loadScenario(
  path: string,
  overrides: ScenarioOverrides = {},
  named: Place = {},
): Promise<LoadedScenario> {
  if (TRACE_NAME.test(path))
    throw InputError.of(
      `${shownPath(path)}: by its name this is a trace, not a scenario`,
      'name a scenario, and this file in it as load: {trace: {file: …}}; perseus trace import reads logs',
      named,
    );
  const text = await loadFile(path, () => readDocument(path));
  if (text.value === undefined) {
    const problems = text.problems!.map((one) =>
      one.what.endsWith(whyUnreadable('EISDIR')) ? { ...one, remedy: OF_FOLDER } : one,
    );
    throw new InputError(
      problems.map((problem) => (problem.file === undefined ? { ...named, ...problem } : problem)),
    );
  }
  const written = override(parseScenarioSpec(text.value, { file: path }), overrides);
  const document = await withItsTable(written, dirname(path));
  if (document.spec === undefined) throw new InputError(document.problems);
  const resources = await readResources(document.spec, dirname(path));
  return { ...checkScenario(document, resources), spec: document.spec, resources };
}

const TRACE_NAME = /\.(arrow|parquet|(csv|jsonl)(\.gz)?)$/i;
const OF_FOLDER =
  'name a scenario file in it; perseus init --repository makes one where it is a model repository';

/** The document with the tenants of the table that it names; what is wrong in it is among its problems. */
export async function withItsTable<Document extends TenantsDocument>(
  document: Document,
  folder: string,
): Promise<Document> {
  const file = document.spec?.tenantsFile;
  if (file === undefined) return document;
  const { value, problems = [] } = await readTenantTable(placeOfNamed(file, folder));
  if (value !== undefined) return withTenantTable(document, value);
  const place = document.positionOf(['tenantsFile']);
  const unreadable = problems.map((problem) =>
    problem.file === undefined ? { ...place, ...problem } : problem,
  );
  return { ...document, problems: [...document.problems, ...unreadable] };
}

/** The tenants of a CSV table; what is wrong in it is among its problems. */
export async function readTenantTable(path: string): Promise<Loaded<TenantTable>> {
  return loadFile(path, async () => parseTenantTable(await readDocument(path), path));
}

/** Reads the files that a spec names; what goes wrong is kept for the check to place. */
export async function readResources(spec: ScenarioSpec, folder: string): Promise<ScenarioResources> {
  const resolve = (path: string) => placeOfNamed(path, folder);
  const read = async <T>(paths: readonly string[], reader: (path: string) => Promise<Loaded<T>>) => {
    const distinct = [...new Set(paths)];
    const loaded = await Promise.all(distinct.map((path) => reader(resolve(path))));
    return new Map(distinct.map((path, i) => [path, loaded[i]!]));
  };
  const models = spec.servers.flatMap((server) => server.models);
  const configs = models.flatMap(({ config }) => (typeof config === 'string' ? [config] : []));
  const needsPrices = spec.prices !== undefined || spec.servers.some(({ machine }) => machine?.price);
  return {
    profiles: await read(spec.profiles, readProfileFiles),
    serverProfiles: await read(
      spec.servers.flatMap(({ serverProfile }) => serverProfile ?? []),
      (path) => loadFile(path, () => readServerProfile(path)),
    ),
    configs: await read(configs, readConfig),
    traces: await read(
      spec.tenants.flatMap(({ load }) => load.trace?.file ?? []),
      (path) => loadFile(path, () => readTrace(path)),
    ),
    ...(needsPrices ? { prices: await readPrices(spec.prices && resolve(spec.prices)) } : {}),
  };
}

/** @throws InputError with what is wrong in the overrides, and what was found wrong in the document before */
function override(document: ScenarioDocument, overrides: ScenarioOverrides): ScenarioDocument {
  const { spec } = document;
  const wrong = checkAgainst(overridesSchema, given(overrides)).problems.map(({ path, ...problem }) => ({
    ...problem,
    path: `overrides.${formatPath(path)}`,
  }));
  if (wrong.length > 0) throw new InputError([...document.problems, ...wrong]);
  if (spec === undefined) return document;
  return { ...document, spec: { ...spec, ...given(overrides) } };
}

async function readProfileFiles(path: string): Promise<Loaded<readonly ProfileFile[]>> {
  return loadFile(path, () => readProfiles([path]));
}

async function readConfig(file: string): Promise<Loaded<ConfigFile>> {
  return loadFile(file, async () => ({ file, text: await readDocument(file) }));
}

async function readPrices(file: string | undefined): Promise<Loaded<PriceMachine>> {
  const load = async (): Promise<PriceMachine> => {
    const book = await readPriceBook(file);
    return (kind, parts) => priceMachine(book, kind, parts);
  };
  return file === undefined ? { value: await load() } : loadFile(file, load);
}

/** What `load` gives; a file that cannot be opened is a problem of the path, not of the file. */
async function loadFile<T>(path: string, load: () => Promise<T>): Promise<Loaded<T>> {
  try {
    if (!isShipped(path) && !/[*?]/.test(path) && path !== STANDARD_INPUT) await stat(path);
    return { value: await load() };
  } catch (error) {
    if (error instanceof InputError) return { problems: error.problems };
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return { problems: [{ what: `${shownPath(path)}: ${whyUnreadable(code)}`, remedy: 'check the path' }] };
  }
}
