import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { formatProblem, InputError, ProblemList, problemsOf } from '../../base/problem.js';
import { CPU_KIND } from '../../profile/host-cores.js';
import { MOST_GPUS } from '../../scenario/limits.js';
import type { ModelConfig } from '../../scenario/model-config.js';
import type { ProfileFile } from '../../scenario/resources.js';
import { starterScenario, usesGpu } from '../../scenario/starter.js';
import { interpretModelConfig } from '../../scenario/triton/interpret.js';
import { readModelConfigText } from '../../scenario/triton/model-config-text.js';
import { writeFileAtomically } from '../files/atomic-write.js';
import { exists } from '../files/exists.js';
import { readTextIfPresent } from '../files/read-text.js';
import { remarkOnCalls } from './calling-models.js';
import { foldersIn } from './model-repository.js';
import { readProfilesIfPresent } from './profile-files.js';

/** What a first scenario is written from. */
export interface InitOptions {
  /** A Triton model repository: a folder with a folder for each model. */
  readonly repository: string;
  /** The scenario to write; it must not exist yet. */
  readonly out: string;
  /** Kind of GPU as profiles name it. Default: the one that profiles beside the scenario are of, else Tesla T4. */
  readonly gpu?: string;
}

export interface InitResult {
  readonly file: string;
  readonly models: readonly string[];
  /** Models that the scenario leaves out, and why. */
  readonly leftOut: readonly LeftOut[];
  /** Models of which the simulation leaves something out, and what. */
  readonly remarks: readonly Remark[];
  /** Profiles that must be made before the scenario can be run, where the scenario looks for them. */
  readonly missingProfiles: readonly string[];
  /** The kind of GPU, where nothing tells that it is this one. */
  readonly guessedGpu?: string;
}

interface LeftOut {
  readonly model: string;
  readonly reason: string;
}

interface Remark {
  readonly model: string;
  readonly remark: string;
}

/**
 * Writes a first scenario for the models of a Triton model repository.
 * @throws InputError when there is no model to be found, a profile beside it cannot be used, or the scenario exists already
 */
export async function initScenario(options: InitOptions): Promise<InitResult> {
  const { repository, out } = options;
  const found = await scanRepository(repository);
  const models = found.flatMap((model) => ('config' in model ? [model] : []));
  const leftOut = found.flatMap((model) => ('reason' in model ? [model] : []));
  if (models.length === 0) {
    const reasons = leftOut.map(({ model, reason }) => `${model}: ${reason}`).join('; ');
    throw InputError.of(
      `there is no model that can be simulated${reasons === '' ? '' : ` (${reasons})`}`,
      'name a folder that has a folder with a config.pbtxt for each model',
      { file: repository },
    );
  }
  const folder = dirname(out);
  const present = await readProfilesIfPresent(join(folder, PROFILES));
  const told = options.gpu ?? kindOfProfiles(models, present);
  const gpu = told ?? GUESS;
  const isGuess = told === undefined && models.some(({ config }) => usesGpu(config));
  const missingProfiles = missingOf(models, gpu, present).map((name) => join(folder, PROFILES, name));
  const text = starterScenario({
    name: basename(resolve(repository)),
    gpu,
    isGuess,
    profiles: PROFILES,
    models: models.map(({ config, file, remark }) => ({
      config,
      configPath: relativeTo(folder, file),
      ...(remark !== undefined && { remark }),
    })),
    leftOut,
    missingProfiles: missingProfiles.map((file) => relativeTo(folder, file)),
  });
  await writeNew(out, text);
  return {
    file: out,
    models: models.map(({ config }) => config.name),
    leftOut,
    remarks: models.flatMap(({ config, remark }) =>
      remark === undefined ? [] : [{ model: config.name, remark }],
    ),
    missingProfiles,
    ...(isGuess && { guessedGpu: gpu }),
  };
}

/** A GPU that many have, and of which profiles are shipped. */
const GUESS = 'Tesla T4';

/** Folder, beside the scenario, in which it looks for profiles. */
const PROFILES = 'profiles';

interface FoundModel {
  readonly file: string;
  readonly config: ModelConfig;
  readonly remark?: string;
}

/** Every folder of the repository that looks like a model, by name. */
async function scanRepository(repository: string): Promise<(FoundModel | LeftOut)[]> {
  const names = await foldersIn(repository);
  const models = await Promise.all(names.map((name) => readModel(join(repository, name), name)));
  return models.flatMap((model) => model ?? []);
}

/** A model whose files cannot be read is left out as one that cannot be simulated: the others can do without it. */
async function readModel(folder: string, name: string): Promise<FoundModel | LeftOut | undefined> {
  try {
    return await readModelFolder(folder, name);
  } catch (error) {
    return { model: name, reason: problemsOf(error).map(formatProblem).join('; ') };
  }
}

async function readModelFolder(folder: string, name: string): Promise<FoundModel | LeftOut | undefined> {
  const file = join(folder, 'config.pbtxt');
  const text = await readTextIfPresent(file);
  if (text === undefined) {
    const hasVersions = (await foldersIn(folder)).some((version) => /^\d+$/.test(version));
    if (!hasVersions) return undefined;
    const reason = 'it has no config.pbtxt; save what the server answers to ModelConfig as one';
    return { model: name, reason };
  }
  const problems = new ProblemList();
  const source = readModelConfigText(text, 'config.pbtxt', problems);
  const config = source && interpretModelConfig(source, { name, devices: MOST_GPUS }, problems);
  if (config !== undefined) {
    const remark = await remarkOnCalls(folder);
    return { file, config, ...(remark !== undefined && { remark }) };
  }
  return { model: name, reason: problems.problems.map(formatProblem).join('; ') };
}

/** The only kind of GPU of which there are profiles of these models; undefined where there are none, or several. */
function kindOfProfiles(models: readonly FoundModel[], present: readonly ProfileFile[]): string | undefined {
  const own = present.filter(({ profile }) => models.some(({ config }) => config.name === profile.model));
  const kinds = new Set(own.map(({ profile }) => profile.device).filter((kind) => kind !== CPU_KIND));
  const [only] = kinds;
  return kinds.size === 1 ? only : undefined;
}

/** Files of the profiles that the models need and that are not there, by the name they should get. */
function missingOf(models: readonly FoundModel[], gpu: string, present: readonly ProfileFile[]): string[] {
  return models.flatMap(({ config }) => {
    const kinds = new Set(
      config.instanceGroups
        .filter(({ passive }) => !passive)
        .map(({ kind }) => (kind === 'KIND_CPU' ? CPU_KIND : gpu)),
    );
    return [...kinds]
      .filter(
        (kind) => !present.some(({ profile }) => profile.model === config.name && profile.device === kind),
      )
      .map((kind) => `${config.name}.${kind.replace(/[^\w.-]+/g, '-')}.profile.json`);
  });
}

function relativeTo(folder: string, file: string): string {
  return relative(folder, file).split(sep).join('/');
}

async function writeNew(out: string, text: string): Promise<void> {
  const refuse = (what: string) => InputError.of(what, 'name another file', { file: out });
  if (await exists(out)) throw refuse('there is such a file already');
  try {
    await writeFileAtomically(out, text);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw refuse(`the scenario cannot be written (${code})`);
  }
}
