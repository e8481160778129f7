import { fileNameOf } from '../base/file-name.js';
import { groupBy } from '../base/group-by.js';
import { InputError } from '../base/problem.js';
import { yamlText } from '../base/yaml-text.js';
import { type EmittedFile, emitPlacement } from '../emit/emit.js';
import { serializeProfile, serializeServerProfile, serverProfileOf } from '../profile/parse.js';
import { type ResolveOptions, resolveSpec } from '../scenario/resolve-spec.js';
import type { ProfileFile } from '../scenario/resources.js';
import { type CarriedScenario, resourcesOf } from './carried.js';
import { SCENARIO_FILE } from './export-names.js';
import { checkSpec, specOf } from './simulate-carried.js';

export interface Exported {
  /** The scenario alone, with profiles and traces under the paths by which it was opened. */
  readonly yaml: string;
  readonly files: readonly EmittedFile[];
}

/** @throws InputError where the scenario is none */
export function exported(carried: CarriedScenario): Exported {
  return { yaml: yamlText(carried.spec), files: exportedFiles(carried) };
}

/**
 * The scenario with everything that it names as files of a folder: profiles, traces, a config.pbtxt for each model,
 * a manifest for each server. `perseus simulate` of it gives the figures that the page shows.
 */
function exportedFiles(carried: CarriedScenario): readonly EmittedFile[] {
  const spec = specOf(carried.spec);
  const resources = resourcesOf(carried);
  const { scenario } = checkSpec(spec, resources);
  const profiles = profileFolders(spec.profiles.flatMap((path) => carried.profiles[path] ?? []));
  const traces = placed('traces', 'csv', carried.traces, (csv) => csv);
  const servers = placed('servers', 'json', carried.serverProfiles, ({ server }) =>
    serializeServerProfile(server),
  );
  const paths: ResolveOptions = {
    profiles: profiles.map(({ folder }) => folder),
    traceFile: (file) => traces.get(file)!.path,
    serverProfile: (file) => servers.get(file)!.path,
  };
  return [
    ...emitted(
      () => emitPlacement({ spec, scenario, paths }).files,
      [{ path: SCENARIO_FILE, text: yamlText(resolveSpec(spec, scenario, paths)) }],
    ),
    ...profiles.flatMap(({ files }) => files),
    ...traces.values(),
    ...servers.values(),
  ];
}

/** What Triton or Kubernetes does not take can still be simulated. */
function emitted(
  emit: () => readonly EmittedFile[],
  otherwise: readonly EmittedFile[],
): readonly EmittedFile[] {
  try {
    return emit();
  } catch (error) {
    if (error instanceof InputError) return otherwise;
    throw error;
  }
}

interface ProfileFolder {
  readonly folder: string;
  readonly files: readonly EmittedFile[];
}

/** A folder for the profiles of each server, because its `server.json` holds for all of a folder. */
function profileFolders(profiles: readonly ProfileFile[]): ProfileFolder[] {
  const byFile = new Map(profiles.map((profile) => [profile.file, profile]));
  const byServer = groupBy([...byFile.values()], ({ serverFile }) => serverFile ?? '');
  return [...byServer.values()].map((own, i) => {
    const folder = `profiles/${i + 1}`;
    const server = own[0]!.serverFile && serverProfileOf(own.map(({ profile }) => profile));
    const files = own.map(({ profile }) => ({
      path: `${folder}/${fileNameOf(`${profile.model} ${profile.device}`)}.profile.json`,
      text: serializeProfile(profile),
    }));
    const facts = server ? [{ path: `${folder}/server.json`, text: serializeServerProfile(server) }] : [];
    return { folder, files: [...files, ...facts] };
  });
}

/** Each under a name of its own, by the path that the scenario writes. */
function placed<Value>(
  folder: string,
  extension: string,
  values: Readonly<Record<string, Value>>,
  textOf: (value: Value) => string,
): ReadonlyMap<string, EmittedFile> {
  return new Map(
    Object.entries(values).map(([path, value], i) => [
      path,
      { path: `${folder}/${i + 1}.${extension}`, text: textOf(value) },
    ]),
  );
}
