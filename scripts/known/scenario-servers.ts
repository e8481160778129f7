import { parse } from 'yaml';
import { ProblemList } from '../../src/base/problem.js';
import { readDocument } from '../../src/node/files/read-text.js';
import { type LoadedScenario, loadScenario } from '../../src/node/scenario/scenario-files.js';
import { ASSUMED_FACTS, measuredFacts, underServer } from '../../src/profile/server-facts.js';
import type { Server } from '../../src/scenario/scenario.js';
import { readModelConfigText } from '../../src/scenario/triton/model-config-text.js';
import type { KnownModel, KnownServer } from './known-server.js';

/**
 * The servers of a scenario file as servers of which every figure is known: what their profiles say. Of replicas the first.
 * @throws InputError with everything that is wrong in the file, or that no calibration can find again
 */
export async function scenarioServers(file: string): Promise<KnownServer[]> {
  const loaded = await loadScenario(file);
  const written = parse(await readDocument(file)) as { readonly servers: readonly Written[] };
  const problems = new ProblemList({ file });
  const known = loaded.spec.servers.map(({ name, models }, s): KnownServer => {
    const server = loaded.scenario.servers.find((each) => each.name === name || each.name === `${name}-1`)!;
    const devices = written.servers[s]!.devices ?? [];
    const found = models.map((_, m) => knownModel(server, m, loaded, { at: [s, m], problems }));
    const cores = found.some((model) => model?.profile.serving?.cpuCores !== undefined);
    return {
      ...{ name, shows: `${name} of ${file}`, models: found.flatMap((model) => model ?? []) },
      ...(devices.length > 0 && { devices }),
      ...(cores && { isLocal: true }),
    };
  });
  problems.throwIfAny();
  return known;
}

interface Written {
  readonly devices?: readonly object[];
}

interface Place {
  /** Numbers of server and model. */
  readonly at: readonly [server: number, model: number];
  readonly problems: ProblemList;
}

function knownModel(
  server: Server,
  m: number,
  { spec, resources }: LoadedScenario,
  { at: [s], problems }: Place,
): KnownModel | undefined {
  const { name, config } = spec.servers[s]!.models[m]!;
  const { instances, config: served } = server.models.find((model) => model.config.name === name)!;
  const isPlain = served.ensemble === undefined && served.sequences === undefined && instances.length > 0;
  if (!isPlain || spec.servers[s]!.models[m]!.calls !== undefined) {
    const what = `"${name}" is no model that calibration measures by itself`;
    problems.add({ path: `servers[${s}].models[${m}]`, what, remedy: 'leave it out of this file' });
    return undefined;
  }
  const fields =
    typeof config === 'string'
      ? readModelConfigText(resources.configs.get(config)!.value!.text, config, problems)!.fields
      : config;
  const { profile } = instances[0]!;
  return {
    config: { ...fields, name },
    profile: underServer({ ...profile, model: name }, measuredFacts(profile) ?? ASSUMED_FACTS),
  };
}
