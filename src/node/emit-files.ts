import { cp, mkdir, readdir, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { InputError, type Problem } from '../base/problem.js';
import { type EmittedModel, emitPlacement } from '../emit/emit.js';
import type { ResolveOptions } from '../scenario/resolve-spec.js';
import type { Scenario } from '../scenario/scenario.js';
import type { ScenarioSpec } from '../scenario/spec.js';
import { requireReplaceable, writeFolderAtomically } from './atomic-write.js';
import type { LoadedScenario } from './scenario-files.js';

export interface EmitOptions {
  /** Folder to write; one that an earlier call wrote is replaced. */
  readonly out: string;
  /** The scenario file that the paths in the spec are relative to. */
  readonly scenarioFile: string;
  /** A model repository whose version folders are taken over. */
  readonly models?: string | undefined;
  /** Copy the version folders instead of linking to them. Default false. */
  readonly copy?: boolean;
}

/** What is emitted: a loaded scenario, or one whose settings were changed since. */
export type EmitSource = Pick<LoadedScenario, 'spec' | 'resources' | 'scenario'>;

/** What a folder written by us has: by it one is told from a folder of the user. */
const MARKER = 'placement.csv';

/** @throws InputError when the name is taken by something that is no placement of ours */
export function requireEmitFolder(path: string): Promise<void> {
  return requireReplaceable(path, MARKER);
}

/**
 * Writes a placement as model repositories, Kubernetes manifests and a scenario that reads them back.
 * @returns the paths written, below the folder
 * @throws InputError when the folder is the user's own, a name cannot be a folder's, or `models` lacks a model
 */
export async function writePlacement(source: EmitSource, options: EmitOptions): Promise<readonly string[]> {
  const { out, scenarioFile } = options;
  await requireEmitFolder(out);
  const { files, models } = emitPlacement({ ...source, paths: pathsFrom(source.spec, scenarioFile, out) });
  const versions = options.models === undefined ? [] : await findVersions(options.models, models);
  await writeFolderAtomically(out, async (folder) => {
    for (const { path, text } of files) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    }
    for (const { from, to } of versions) {
      if (options.copy === true) await cp(from, join(folder, to), { recursive: true });
      // The folder is renamed when it is full, so that a relative link would not be right while it is written.
      else await symlink(resolve(from), join(folder, to));
    }
  });
  return [...files.map(({ path }) => path), ...versions.map(({ to }) => to)];
}

/** Paths of a scenario's profiles and traces as a file in the folder `to` must write them. */
export function pathsFrom(spec: ScenarioSpec, scenarioFile: string, to: string): ResolveOptions {
  const rebase = (path: string) => {
    if (isAbsolute(path)) return path;
    const moved = relative(resolve(to), resolve(dirname(scenarioFile), path));
    return moved === '' ? '.' : moved.split(sep).join('/');
  };
  return { profiles: spec.profiles.map(rebase), traceFile: rebase };
}

interface VersionFolder {
  readonly from: string;
  readonly to: string;
}

/** The version folders (1, 2, …) of each model in a repository, and where each belongs. */
async function findVersions(repository: string, models: readonly EmittedModel[]): Promise<VersionFolder[]> {
  const problems: Problem[] = [];
  const found: VersionFolder[] = [];
  for (const { model, folder } of models) {
    const versions = await versionsOf(join(repository, model));
    if (versions.length === 0) {
      problems.push({
        file: join(repository, model),
        what: `there is no version of the model "${model}"`,
        remedy: 'name a repository with a folder such as 1/ in the folder of each model',
      });
    }
    for (const version of versions) {
      found.push({ from: join(repository, model, version), to: `${folder}/${version}` });
    }
  }
  const distinct = new Map(problems.map((problem) => [problem.file, problem]));
  if (distinct.size > 0) throw new InputError([...distinct.values()]);
  return found;
}

async function versionsOf(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  const numbers = names.filter((name) => /^\d+$/.test(name)).sort();
  const kinds = await Promise.all(numbers.map((name) => stat(join(folder, name)).catch(() => undefined)));
  return numbers.filter((_, i) => kinds[i]?.isDirectory());
}

/** A scenario as another placement of the same file: what tuning and planning emit. */
export function emitSourceOf(loaded: LoadedScenario, spec: ScenarioSpec, scenario: Scenario): EmitSource {
  return { spec, scenario, resources: loaded.resources };
}
