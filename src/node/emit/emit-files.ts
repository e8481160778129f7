import { realpath } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { isFolderName } from '../../base/file-name.js';
import { InputError, type Problem, ProblemList } from '../../base/problem.js';
import { isUnbatched, isWhole, writtenConfig } from '../../emit/config-file.js';
import { type EmittedModel, emitPlacement } from '../../emit/emit.js';
import { checkPlanNames } from '../../emit/names.js';
import { type PlanProblem, partsOf, type ServedPart } from '../../plan/problem-setting.js';
import type { ResolveOptions } from '../../scenario/resolve-spec.js';
import type { ServedModel } from '../../scenario/scenario.js';
import type { ScenarioSpec } from '../../scenario/spec.js';
import { type AddProblem, problemAdder } from '../../scenario/triton/config-source.js';
import type { ModelConfigFields } from '../../scenario/triton/fields.js';
import { readModelConfigText } from '../../scenario/triton/model-config-text.js';
import { refuseUnsimulated } from '../../scenario/triton/unsimulated.js';
import { readTextIfPresent } from '../files/read-text.js';
import { rebasedPath } from '../files/rebased-path.js';
import { requireResultFolder, writeResultFolder } from '../output/result-folder.js';
import { entriesIn, foldersIn } from '../scenario/model-repository.js';
import type { LoadedScenario } from '../scenario/scenario-files.js';

const CONFIG = 'config.pbtxt';

export interface EmitOptions {
  /** Folder to write; what an earlier call wrote there is replaced. */
  readonly out: string;
  /** The scenario file that the paths in the spec are relative to. */
  readonly scenarioFile: string;
  /** A model repository whose model files are taken over, and what a scenario leaves open of a model. */
  readonly models?: string | undefined;
  /** Copy the model files instead of linking to them. Default false. */
  readonly copy?: boolean;
  /** A comment at the head of the scenario, one line. */
  readonly note?: string | undefined;
}

/** What is emitted: a loaded scenario, or one whose settings were changed since. */
export type EmitSource = Pick<LoadedScenario, 'spec' | 'resources' | 'scenario'>;

/**
 * Writes a placement as model repositories, Kubernetes manifests and a scenario that reads them back.
 * @returns the paths written, below the folder
 * @throws InputError when the folder holds anything else, Triton or Kubernetes does not take a name, or `models` lacks a model
 */
export async function writePlacement(source: EmitSource, options: EmitOptions): Promise<readonly string[]> {
  const { out, scenarioFile, note } = options;
  await requireResultFolder('--emit', out, 'emit');
  const { models: repository } = options;
  if (repository !== undefined) await foldersIn(repository);
  const deployed =
    repository === undefined
      ? undefined
      : await readDeployed(repository, openModels(source), simulatedModels(source));
  const paths = pathsFrom(source.spec, scenarioFile, out);
  const { files, models } = emitPlacement({ ...source, paths, note, ...(deployed && { deployed }) });
  const taken = repository === undefined ? [] : await findModelFiles(repository, models);
  await writeResultFolder(out, 'emit', async (folder) => {
    for (const { path, text } of files) await folder.write(path, text);
    for (const { from, to } of taken) {
      if (options.copy === true) await folder.copy(from, to);
      // The folder is renamed when it is full, so that a relative link would not be right while it is written.
      else await folder.link(await linkTarget(from, out), to);
    }
  });
  return [...files.map(({ path }) => path), ...taken.map(({ to }) => to)];
}

/** What is simulated, by name. */
function simulatedModels({ scenario }: EmitSource): ReadonlyMap<string, ServedModel> {
  return new Map(scenario.servers.flatMap(({ models }) => models.map((model) => [model.config.name, model])));
}

/** Names of the models of which a scenario leaves open what executes them. */
function openModels({ spec, resources }: EmitSource): string[] {
  return spec.servers.flatMap(({ models }) =>
    models.filter(({ config }) => !isWhole(writtenConfig(config, resources.configs))).map(({ name }) => name),
  );
}

/**
 * The configurations of models in a repository; models without one are left out.
 * @throws InputError with what is wrong in them, or in them what nothing was simulated with
 */
async function readDeployed(
  repository: string,
  names: readonly string[],
  simulated: ReadonlyMap<string, ServedModel> = new Map(),
): Promise<Map<string, ModelConfigFields>> {
  const problems = new ProblemList();
  const found = new Map<string, ModelConfigFields>();
  for (const name of new Set(names)) {
    // It may lead out of the repository, and is refused elsewhere.
    if (!isFolderName(name)) continue;
    const file = join(repository, name, CONFIG);
    const text = await readTextIfPresent(file);
    if (text === undefined) continue;
    const source = readModelConfigText(text, file, problems);
    if (source === undefined) continue;
    const add = problemAdder(source, problems);
    const model = simulated.get(name);
    refuseUnsimulated(source.fields, add, { hasEngine: model?.engine !== undefined });
    refuseOtherScheduling(source.fields, model?.config.sequences !== undefined, add);
    found.set(name, source.fields);
  }
  problems.throwIfAny();
  return found;
}

/** A model that was simulated as one with a batcher must not be deployed as something else. */
function refuseOtherScheduling(
  { sequence_batching: sequences, ensemble_scheduling: steps }: ModelConfigFields,
  isOfSequences: boolean,
  add: AddProblem,
): void {
  if (sequences !== undefined && !isOfSequences)
    add(
      ['sequence_batching'],
      'the model takes sequences, and no tenant of it sends any',
      'write `sequences` at its tenants',
    );
  if (steps !== undefined)
    add(
      ['ensemble_scheduling'],
      'the model is an ensemble, and nothing here says its steps',
      'write its whole configuration into the scenario or plan, as `perseus init` does',
    );
}

/**
 * Those of the models whose configuration in a repository says that their tensors have no batch dimension; one that says
 * nothing leaves it to Triton.
 * @throws InputError with what is wrong in their configurations
 */
export async function unbatchedIn(
  repository: string,
  models: readonly string[],
): Promise<ReadonlySet<string>> {
  const deployed = await readDeployed(repository, models);
  return new Set(models.filter((model) => isUnbatched(deployed.get(model))));
}

/** Paths of a scenario's profiles, traces and server profiles as a file in the folder `to` must write them. */
export function pathsFrom(spec: ScenarioSpec, scenarioFile: string, to: string): ResolveOptions {
  const rebase = (path: string) => rebasedPath(path, dirname(scenarioFile), to);
  return { profiles: spec.profiles.map(rebase), traceFile: rebase, serverProfile: rebase };
}

interface ModelFile {
  readonly from: string;
  readonly to: string;
}

/**
 * What lies in the folder of each model in a repository beside its configuration, and where it belongs: version folders, and
 * what a configuration names, such as labels, data of a warm-up or an environment of Python. Hidden files are left out.
 */
async function findModelFiles(repository: string, models: readonly EmittedModel[]): Promise<ModelFile[]> {
  const versioned = models.filter(({ isEnsemble }) => !isEnsemble);
  await requireVersions(
    repository,
    versioned.map(({ model }) => model),
  );
  const found = models.map(async ({ model, folder, isEnsemble }) => {
    const names = await entriesIn(join(repository, model)).catch(() => []);
    return names
      .filter((name) => name !== CONFIG && !(isEnsemble && isVersion(name)))
      .map((name) => ({ from: join(repository, model, name), to: `${folder}/${name}` }));
  });
  return (await Promise.all(found)).flat();
}

function isVersion(name: string): boolean {
  return /^\d+$/.test(name);
}

/**
 * Where a link to a file or folder of a model must lead: of one in the folder that is written to what it links to itself, as
 * the folder is replaced.
 * @throws InputError when what it is would be deleted with the folder
 */
async function linkTarget(from: string, out: string): Promise<string> {
  const isBelow = (path: string, folder: string) => path.startsWith(`${folder}${sep}`);
  if (!isBelow(resolve(from), resolve(out))) return resolve(from);
  const target = await realpath(from);
  if (!isBelow(target, await realpath(out))) return target;
  throw InputError.of(
    `${from} lies in the folder that is written, and would be deleted with it`,
    'write into another folder, or name the repository that it was copied from',
  );
}

/**
 * Makes sure that a repository has a version folder (1, 2, …) of each of the models.
 * @throws InputError that names every model that has none
 */
async function requireVersions(repository: string, models: readonly string[]): Promise<void> {
  const problems: Problem[] = [];
  for (const model of new Set(models)) {
    const names = await foldersIn(join(repository, model)).catch(() => []);
    if (names.some(isVersion)) continue;
    problems.push({
      file: join(repository, model),
      what: `there is no version of the model "${model}"`,
      remedy: 'name a repository with a folder such as 1/ in the folder of each model',
    });
  }
  if (problems.length > 0) throw new InputError(problems);
}

/** Models of which a plan does not say the configuration. */
export function openParts(parts: readonly ServedPart[]): readonly string[] {
  return parts.filter(({ fields }) => fields === undefined).map(({ model }) => model);
}

/**
 * Makes sure that what a plan finds can be emitted: its names, and what the repository that the models' files come from has, where
 * there is one.
 * @throws InputError where the repository cannot be read, as {@link requireVersions}, with what is wrong in their
 *   configurations, or with names that Triton or Kubernetes does not take
 */
export async function requireDeployable(
  repository: string | undefined,
  { spec: plan, workloads }: Pick<PlanProblem, 'spec' | 'workloads'>,
): Promise<void> {
  const parts = workloads.flatMap(partsOf);
  const models = parts.map(({ model }) => model);
  let deployed: Map<string, ModelConfigFields> | undefined;
  if (repository !== undefined) {
    await foldersIn(repository);
    await requireVersions(repository, models.filter(isFolderName));
    deployed = await readDeployed(repository, openParts(parts));
  }
  const problems = new ProblemList();
  checkPlanNames(plan, (model) => deployed?.get(model)?.backend, problems);
  problems.throwIfAny();
}
