import { stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { ResolveOptions } from '../../scenario/resolve-spec.js';
import { placeOfNamed } from '../files/named-path.js';
import { rebasedPath } from '../files/rebased-path.js';
import type { ResultFolder } from '../output/result-folder.js';
import { SERVER_PROFILE } from '../scenario/profile-files.js';
import type { LoadedScenario } from '../scenario/scenario-files.js';

/** Larger traces are not copied into every run folder. */
const MOST_BYTES = 100 * 1024 * 1024;

/** What a scenario is read from, as it goes into a folder of results. */
export interface CarriedInputs {
  /** Paths in that folder, for the scenario that lies in it. */
  readonly paths: ResolveOptions;
  /** File by its name in the folder. */
  readonly copies: ReadonlyMap<string, string>;
  /** Traces that are too large to be copied: the scenario names them where they are. */
  readonly left: readonly string[];
}

/** Everything that a scenario names, to be copied into the folder `to`, so that the scenario is simulated the same anywhere. */
export async function carriedInputs(
  { spec, resources }: Pick<LoadedScenario, 'spec' | 'resources'>,
  scenarioFile: string,
  to: string,
): Promise<CarriedInputs> {
  const copies = new Map<string, string>();
  const place = (from: string, name: string) => {
    copies.set(name, from);
    return name;
  };
  const profiles = [...resources.profiles.values()].flatMap(({ value }) => value ?? []);
  const folders = namesOf(
    profiles.map(({ file }) => dirname(file)),
    'inputs/profiles',
  );
  for (const { file, serverFile } of profiles) {
    place(file, `${folders.get(dirname(file))}/${basename(file)}`);
    if (serverFile !== undefined) place(serverFile, `${folders.get(dirname(serverFile))}/${SERVER_PROFILE}`);
  }
  const servers = namesOf(resources.serverProfiles?.keys() ?? [], 'inputs/servers');
  for (const [written, { value }] of resources.serverProfiles ?? []) {
    if (value !== undefined) place(value.file, servers.get(written)!);
  }
  const { names: traces, left } = await tracesOf(resources.traces.keys(), scenarioFile, to);
  for (const [written, name] of traces)
    if (!left.has(written)) place(placeOfNamed(written, dirname(scenarioFile)), name);
  return {
    paths: {
      profiles: spec.profiles.length === 0 ? [] : [...new Set(folders.values())],
      traceFile: (file) => traces.get(file) ?? file,
      serverProfile: (file) => servers.get(file) ?? file,
    },
    copies,
    left: [...left],
  };
}

async function tracesOf(files: Iterable<string>, scenarioFile: string, to: string) {
  const names = namesOf(files, 'inputs/traces');
  const left = new Set<string>();
  for (const file of names.keys()) {
    const { size } = await stat(placeOfNamed(file, dirname(scenarioFile)));
    if (size <= MOST_BYTES) continue;
    left.add(file);
    names.set(file, rebasedPath(file, dirname(scenarioFile), to));
  }
  return { names, left };
}

/** A name below a folder for each path: its last part, with a number where another has the same. */
function namesOf(paths: Iterable<string>, folder: string): Map<string, string> {
  const taken = new Set<string>();
  const names = new Map<string, string>();
  for (const path of new Set(paths)) {
    let name = basename(path);
    for (let i = 2; taken.has(name); i++) name = `${i}-${basename(path)}`;
    taken.add(name);
    names.set(path, `${folder}/${name}`);
  }
  return names;
}

/** Copies the files of {@link carriedInputs}. */
export async function copyInputs(folder: ResultFolder, { copies }: CarriedInputs): Promise<void> {
  for (const [name, from] of copies) await folder.copyFile(from, name);
}
