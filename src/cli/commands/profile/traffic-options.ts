import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { InferredOptionTypes } from 'yargs';
import { given } from '../../../base/given.js';
import { InputError, ProblemList } from '../../../base/problem.js';
import type { TrafficFacts, TrafficFit } from '../../../calibrate/traffic/traffic-profile.js';
import { exists, isFolder } from '../../../node/files/exists.js';
import { readPackedText } from '../../../node/files/read-text.js';
import { SHARING_MODES } from '../../../profile/schema.js';
import { isDate } from '../../../profile/schema-checks.js';
import { MOST_GPUS } from '../../../scenario/limits.js';
import type { ModelConfig } from '../../../scenario/model-config.js';
import { MOST_INFERENCES } from '../../../trace/columns.js';
import { durationsOf } from '../../duration.js';
import { requireNumbers } from '../../number-options.js';

const text = { type: 'string' } as const;

/** Files as one value: an option that is an array counts as given more than once. */
export interface FileList {
  readonly files: readonly string[];
}

/** An option that takes one file or more. */
export const filesOption = {
  type: 'string',
  array: true,
  coerce: (files: string[] | undefined): FileList | undefined =>
    files === undefined ? undefined : { files },
} as const;

/** What traffic does not tell of where it was recorded. */
export const factOptions = {
  device: { ...text, describe: 'Device kind as scenarios name it, e.g. "Tesla T4" or CPU' },
  config: { ...filesOption, describe: "The models' config.pbtxt: files, or a model repository" },
  'server-version': { ...text, describe: "Triton's release, e.g. 24.10" },
  driver: { ...text, describe: "Version of the GPU's driver" },
  date: { ...text, describe: 'When the traffic was recorded, e.g. 2024-05-31; default unknown' },
} as const;

/** How a trace file was recorded. */
export const traceOptions = {
  'request-batch': {
    type: 'number',
    describe: 'Inferences in each request: a trace does not hold them; default 1',
  },
  'trace-rate': { type: 'number', describe: 'One request in this many was traced; default 1' },
  sharing: {
    choices: SHARING_MODES,
    describe: 'How the models share the device; exclusive: each has its own; default streams',
  },
} as const;

/** How counters were recorded. */
export const counterOptions = {
  interval: { type: 'string', describe: 'Time between scrapes that bear none of their own, such as 15s' },
} as const;

export type TrafficArguments = Partial<
  InferredOptionTypes<typeof factOptions & typeof traceOptions & typeof counterOptions>
>;

/** @throws InputError when the file cannot be read, is no trace, or holds too little */
export async function profilesOfTrace(file: string, args: TrafficArguments): Promise<TrafficFit[]> {
  const { 'request-batch': requestBatch, 'trace-rate': traceRate, sharing } = args;
  requireNumbers({
    'request-batch': [requestBatch, { from: 1, to: MOST_INFERENCES, whole: true }],
    'trace-rate': [traceRate, { from: 1, whole: true }],
  });
  const { calibrateFromTritonTrace } = await import('../../../calibrate/traffic/from-triton-trace.js');
  return calibrateFromTritonTrace(await readPackedText(file), await factsOf([file], args), {
    file,
    ...given({ requestBatch, traceRate, sharing }),
  });
}

/** @throws InputError when files cannot be read, hold no counters, or too little happened between them */
export async function profilesOfCounters(
  files: readonly string[],
  args: TrafficArguments,
): Promise<TrafficFit[]> {
  const { interval: intervalS } = durationsOf({ interval: args.interval });
  const { calibrateFromCounters } = await import('../../../calibrate/traffic/from-counters.js');
  const problems = new ProblemList();
  const texts: (string | undefined)[] = [];
  // One after the other: the problems stand in the order of the files, whichever read fails first.
  for (const file of files) texts.push(await problems.attemptLater(() => readPackedText(file)));
  const facts = await problems.attemptLater(() => factsOf(files, args));
  problems.throwIfAny();
  return calibrateFromCounters(
    files.map((file, i) => ({ file, text: texts[i]! })),
    facts!,
    given({ intervalS }),
  );
}

/** @throws InputError for a date that a profile does not take */
export function requireDate({ date }: { readonly date?: string | undefined }): void {
  if (date === undefined || isDate(date)) return;
  const what = `"${date.slice(0, 40)}" is not a date`;
  throw InputError.of(what, 'write it like 2024-05-31, or unknown', { path: '--date' });
}

async function factsOf(files: readonly string[], args: TrafficArguments): Promise<TrafficFacts> {
  requireDate(args);
  const { device = 'unknown', date = 'unknown', driver, 'server-version': serverVersion } = args;
  return {
    device,
    date,
    driver,
    serverVersion,
    source: `own production traffic: ${fewNames(files.map((file) => basename(file)))}`.slice(0, 1000),
    configs: await readConfigs(args.config?.files ?? []),
  };
}

/** The source stands in every report: hundreds of scrapes by the first and the last of them. */
function fewNames(names: readonly string[]): string {
  if (names.length <= MOST_NAMES) return names.join(', ');
  return `${names[0]} to ${names.at(-1)} (${names.length} files)`;
}

const MOST_NAMES = 3;

/**
 * Model configurations by model name: of files, and of every model of a repository that can be simulated.
 * @throws InputError with the problems of all of them
 */
export async function readConfigs(paths: readonly string[]): Promise<ReadonlyMap<string, ModelConfig>> {
  if (paths.length === 0) return new Map();
  const problems = new ProblemList();
  const configs = new Map<string, ModelConfig>();
  for (const path of paths) {
    for (const file of (await problems.attemptLater(() => configFiles(path))) ?? []) {
      const config = await readConfig(file, problems, { named: file === path });
      if (config !== undefined) configs.set(config.name, config);
    }
  }
  problems.throwIfAny();
  return configs;
}

async function configFiles(path: string): Promise<readonly string[]> {
  if (!(await isFolder(path))) return [path];
  const names = (await readdir(path)).sort();
  const files = names.map((name) => join(path, name, 'config.pbtxt'));
  const areThere = await Promise.all(files.map(exists));
  const found = files.filter((_, i) => areThere[i]);
  if (found.length > 0) return found;
  throw InputError.of('no model with a config.pbtxt below this folder', undefined, { file: path });
}

/** A configuration; undefined where it is wrong, or one among others (not `named` itself) of what is not simulated. */
async function readConfig(
  file: string,
  problems: ProblemList,
  { named }: { readonly named: boolean },
): Promise<ModelConfig | undefined> {
  const { readModelConfigText } = await import('../../../scenario/triton/model-config-text.js');
  const { interpretModelConfig } = await import('../../../scenario/triton/interpret.js');
  const { isUnsimulated } = await import('../../../scenario/triton/unsimulated.js');
  const source = readModelConfigText(await readPackedText(file), file, problems);
  if (source === undefined) return undefined;
  const isEmpty = Object.keys(source.fields).length === 0;
  // An ensemble of the repository executes nothing itself, and asks for no profile; a file that says nothing is completed by Triton.
  const isEnsemble = source.fields.ensemble_scheduling !== undefined;
  if (!named && (isEmpty || isEnsemble || isUnsimulated(source.fields))) return undefined;
  if (isEnsemble) {
    problems.add({ file, what: 'an ensemble executes nothing itself', remedy: 'name the model of a step' });
    return undefined;
  }
  if (isEmpty) {
    const remedy = 'name a config.pbtxt; of a model without one save what the server answers to ModelConfig';
    problems.add({ file, what: 'it says nothing', remedy });
    return undefined;
  }
  const name = source.fields.name ?? basename(dirname(file));
  return interpretModelConfig(source, { name, devices: MOST_GPUS }, problems);
}
