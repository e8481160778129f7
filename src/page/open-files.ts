import { InputError, type Problem, ProblemList } from '../base/problem.js';
import { parseProfile, parseServerProfile } from '../profile/parse.js';
import { checkScenario } from '../scenario/check.js';
import type {
  ConfigFile,
  Loaded,
  PriceMachine,
  ProfileFile,
  ScenarioResources,
} from '../scenario/resources.js';
import { parseScenarioSpec } from '../scenario/spec.js';
import { interpretModelConfig } from '../scenario/triton/interpret.js';
import { readModelConfigText } from '../scenario/triton/model-config-text.js';
import { writeModelConfigFields } from '../scenario/triton/write-fields.js';
import { formatTraceCsv, parseTraceCsv } from '../trace/csv.js';
import { importTrace } from '../trace/importers.js';
import { parseTraceJsonl } from '../trace/jsonl.js';
import type { Trace } from '../trace/trace.js';
import { type CarriedScenario, carry, resourcesOf } from './carried.js';
import { withServed } from './edit/placement.js';
import { draftOfRepository } from './open-repository.js';
import { specOf } from './simulate-carried.js';

/** A file that somebody dropped on the page, by its path below what was dropped. */
export interface DroppedFile {
  readonly path: string;
  readonly text: string;
  /** Of a trace that is no text, until `openTables` has read it. */
  readonly bytes?: Uint8Array;
  /** Why `openTables` could not read it. */
  readonly problems?: readonly Problem[];
}

/** What the page has open after files were dropped on it. */
export interface Taken {
  readonly carried: CarriedScenario;
  /** What was done with each file, for people. */
  readonly notes: readonly string[];
}

type Kind = 'scenario' | 'profile' | 'server profile' | 'config' | 'trace' | 'other';

/** Sources of traces that are tried where a file is none of ours, the narrower ones first; that of nginx reads every access log. */
const SOURCES = [
  ...['perf-analyzer', 'triton-trace', 'prometheus'],
  ...['azure-functions-2021', 'azure-functions-2019', 'azure-llm-2023', 'table', 'nginx'],
] as const;

/**
 * Takes what was dropped: a scenario with files that it names, or profiles, configurations and traces for the one that is open.
 * @throws InputError with what is wrong in them; nothing is taken then
 */
export function takeFiles(files: readonly DroppedFile[], open: CarriedScenario): Taken {
  const of = (kind: Kind) => files.filter((file) => kindOf(file) === kind);
  const [scenario, second] = of('scenario');
  if (second !== undefined)
    throw InputError.of('a second scenario', 'drop one at a time', { file: second.path });
  // Beside a scenario lie tables that are no traces.
  const isNamed = ({ path }: DroppedFile) => scenario?.text.includes(path.split('/').at(-1)!) !== false;
  const traces = of('trace')
    .filter(isNamed)
    .map((file) => ({ file, trace: readTrace(file) }));
  const profiles = of('profile').map((file) => readProfile(file, of('server profile')));
  const base: CarriedScenario = {
    ...open,
    traces: {
      ...open.traces,
      ...Object.fromEntries(traces.map(({ file, trace }) => [file.path, formatTraceCsv(trace)])),
    },
  };
  const withProfiles = profiles.length === 0 ? base : addProfiles(base, profiles);
  const configs = of('config');
  const others = of('other');
  if (others.length === files.length)
    throw InputError.of(
      `${files.map(({ path }) => path).join(', ')}: nothing that the page can take`,
      'drop a scenario, a profile, a config.pbtxt, a model repository or a trace',
    );
  const notes = files
    .filter((file) => !others.includes(file))
    .map(
      (file) =>
        `${file.path}: taken as a ${kindOf(file)}${kindOf(file) === 'trace' && scenario === undefined ? '; choose it as the arrivals of a tenant' : ''}`,
    );
  const dropped = { files, traces, profiles, configs, open };
  if (scenario !== undefined) return { carried: readScenario(scenario, dropped), notes };
  if (configs.every((config) => isKnownModel(config, open)))
    return { carried: configs.reduce(withConfig, withProfiles), notes };
  const held = Object.values(open.profiles).flat();
  const draft = draftOfRepository(files, held, profiles);
  const carried = readScenario(draft.scenario, { ...dropped, named: draft.profiles });
  return { carried, notes: [...notes, ...draft.notes] };
}

/** A single configuration is of the scenario that is open, or wrong; those of a repository may be of another. */
function isKnownModel({ path }: DroppedFile, open: CarriedScenario): boolean {
  if (!path.includes('/')) return true;
  const models = specOf(open.spec).servers.flatMap((server) => server.models.map(({ name }) => name));
  return models.includes(folderOf(path).split('/').at(-1)!);
}

function kindOf({ path, text }: DroppedFile): Kind {
  const head = text.slice(0, 20_000);
  if (/\.pbtxt$/i.test(path)) return 'config';
  if (/"?format"?\s*:\s*"?perseus-profile\//.test(head)) return 'profile';
  if (/"?format"?\s*:\s*"?perseus-server\//.test(head)) return 'server profile';
  if (/^\s*["']?perseus["']?\s*:|^\s*\{\s*"perseus"\s*:/m.test(head)) return 'scenario';
  return /\.(csv|jsonl|json|log|txt|arrow|parquet)(\.gz)?$/i.test(path) ? 'trace' : 'other';
}

function readTrace({ path, text, problems }: DroppedFile): Trace {
  if (problems !== undefined) throw new InputError(problems);
  const own = () => (/^\s*\{/.test(text) ? parseTraceJsonl : parseTraceCsv)(text, { file: path });
  const foreign = SOURCES.map((source) => () => importTrace(source, text, { file: path }));
  let first: InputError | undefined;
  for (const read of [own, ...foreign]) {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      first ??= error;
    }
  }
  throw first!;
}

function readProfile(file: DroppedFile, servers: readonly DroppedFile[]): ProfileFile {
  const beside = servers.find(({ path }) => folderOf(path) === folderOf(file.path));
  const server = beside && parseServerProfile(beside.text, { file: beside.path });
  const profile = parseProfile(file.text, { file: file.path, ...(server && { server }) });
  return { file: file.path, ...(beside && { serverFile: beside.path }), profile };
}

/** Under a path of their own; one of the same model and kind of device takes the place of another. */
function addProfiles(open: CarriedScenario, added: readonly ProfileFile[]): CarriedScenario {
  const isReplaced = ({ profile: { model, device } }: ProfileFile) =>
    added.some(({ profile }) => profile.model === model && profile.device === device);
  const kept = Object.entries(open.profiles).map(
    ([path, files]) => [path, files.filter((file) => !isReplaced(file))] as const,
  );
  const path = added.map(({ file }) => file).join(' + ');
  const spec = specOf(open.spec);
  return {
    ...open,
    spec: { ...open.spec, profiles: [...new Set([...spec.profiles, path])] },
    profiles: { ...Object.fromEntries(kept), [path]: added },
  };
}

/** Gives the model of a config.pbtxt, wherever it is served, that configuration. */
function withConfig(open: CarriedScenario, file: DroppedFile): CarriedScenario {
  const spec = specOf(open.spec);
  const problems = new ProblemList({ file: file.path });
  const source = readModelConfigText(file.text, file.path, problems);
  problems.throwIfAny();
  const models = spec.servers.flatMap((server) => server.models.map(({ name }) => name));
  const name = source!.fields.name ?? folderOf(file.path).split('/').at(-1)!;
  if (!models.includes(name))
    throw InputError.of(`the scenario has no model "${name}"`, `it has ${[...new Set(models)].join(', ')}`, {
      file: file.path,
    });
  const { servers } = withServed(spec, name, (model, server) => {
    const devices = server.devices.reduce((sum, { mig }) => sum + (mig?.length ?? 1), 0);
    const config = interpretModelConfig(source!, { name, devices }, problems);
    problems.throwIfAny();
    return { ...model, config: writeModelConfigFields(config!) };
  });
  return { ...open, spec: { ...open.spec, servers } };
}

interface Dropped {
  readonly files: readonly DroppedFile[];
  readonly traces: readonly { readonly file: DroppedFile; readonly trace: Trace }[];
  readonly profiles: readonly ProfileFile[];
  readonly configs: readonly DroppedFile[];
  readonly open: CarriedScenario;
  /** Profiles by the path that the scenario writes. */
  readonly named?: Readonly<Record<string, readonly ProfileFile[]>>;
}

/** What a scenario names is looked for among what was dropped with it, then in what is open. */
function readScenario(
  file: DroppedFile,
  { traces, profiles, configs, files, open, named }: Dropped,
): CarriedScenario {
  const document = parseScenarioSpec(file.text, { file: file.path });
  const { spec } = document;
  if (spec === undefined) throw new InputError(document.problems);
  const known = resourcesOf(open);
  const look = <Value>(named: readonly string[], find: (path: string) => Loaded<Value> | undefined) =>
    new Map(named.map((path) => [path, find(path) ?? missing<Value>(path)] as const));
  const models = spec.servers.flatMap((server) => server.models);
  const ending = <Item>(items: readonly Item[], pathOf: (item: Item) => string, path: string) =>
    items.find((item) => isSameFile(pathOf(item), path));
  const resources: ScenarioResources = {
    profiles: look(spec.profiles, (path) => {
      if (named?.[path] !== undefined) return { value: named[path] };
      const own = profiles.filter((one) => isSameFile(one.file, path) || isBelow(one.file, path));
      return own.length > 0 ? { value: own } : known.profiles.get(path);
    }),
    configs: look<ConfigFile>(
      models.flatMap(({ config }) => (typeof config === 'string' ? [config] : [])),
      (path) => {
        const found = ending(configs, (one) => one.path, path);
        return found && { value: { file: found.path, text: found.text } };
      },
    ),
    traces: look(
      spec.tenants.flatMap(({ load }) => load.trace?.file ?? []),
      (path) => {
        const found = ending(traces, (one) => one.file.path, path);
        return found ? { value: found.trace } : known.traces.get(path);
      },
    ),
    serverProfiles: look(
      spec.servers.flatMap(({ serverProfile }) => serverProfile ?? []),
      (path) => {
        const found = ending(files, (one) => one.path, path);
        return found
          ? { value: { file: found.path, server: parseServerProfile(found.text, { file: found.path }) } }
          : known.serverProfiles.get(path);
      },
    ),
    prices: { value: priceAsIn(open) },
  };
  return carry({ ...checkScenario(document, resources), spec, resources }, open.version);
}

/** The page has no price book: machines of a kind that is open cost what they cost there, others nothing. */
function priceAsIn(open: CarriedScenario): PriceMachine {
  const machines = specOf(open.spec).servers.map(({ machine }) => machine);
  return (kind) => {
    const known = machines.find((machine) => machine?.kind === kind);
    return {
      kind,
      usdPerHour: known?.usdPerHour ?? 0,
      priceSource: known?.priceSource ?? 'no price: the page has no price book',
    };
  };
}

function missing<Value>(path: string): Loaded<Value> {
  return { problems: [{ what: `${path} is not here`, remedy: 'drop it together with the scenario' }] };
}

/** Paths of a scenario are relative to it, those of a drop to what was dropped: their ends must agree. */
function isSameFile(dropped: string, named: string): boolean {
  const [a, b] = [partsOf(dropped), partsOf(named)];
  const length = Math.min(a.length, b.length);
  return length > 0 && a.slice(-length).join('/') === b.slice(-length).join('/');
}

function isBelow(dropped: string, named: string): boolean {
  const folder = partsOf(named).at(-1);
  return folder !== undefined && partsOf(dropped).slice(0, -1).includes(folder);
}

function partsOf(path: string): string[] {
  return path
    .replace(/\.gz$/i, '')
    .split(/[\\/]/)
    .filter((part) => part !== '' && part !== '.' && part !== '..');
}

function folderOf(path: string): string {
  return path.split('/').slice(0, -1).join('/');
}
