import { ProblemList } from '../base/problem.js';
import { withComment, yamlText } from '../base/yaml-text.js';
import { CPU_KIND } from '../profile/host-cores.js';
import { isComposed } from '../scenario/composition.js';
import type { InstanceGroup, ModelConfig } from '../scenario/model-config.js';
import { type ResolveOptions, resolveSpec } from '../scenario/resolve-spec.js';
import type { ScenarioResources } from '../scenario/resources.js';
import type { Scenario, ServedModel, Server } from '../scenario/scenario.js';
import type { ServedModelSpec, ServerSpec } from '../scenario/spec/server-spec.js';
import type { ScenarioSpec } from '../scenario/spec.js';
import type { ModelConfigFields } from '../scenario/triton/fields.js';
import { configFileText, isUnbatched, writtenConfig } from './config-file.js';
import { kubernetesManifest } from './kubernetes.js';
import { distinctLabels } from './kubernetes-names.js';
import { checkNames } from './names.js';
import { placementCsv } from './placement-csv.js';

/** A file to be written, by its path below the folder, with forward slashes. */
export interface EmittedFile {
  readonly path: string;
  readonly text: string;
}

/** A model's folder in an emitted repository: its files belong into it. */
export interface EmittedModel {
  readonly model: string;
  readonly folder: string;
  /** Its version folder is emitted, as nothing is in it. */
  readonly isEnsemble: boolean;
}

export interface Emission {
  readonly files: readonly EmittedFile[];
  readonly models: readonly EmittedModel[];
}

export interface EmitInput {
  readonly spec: ScenarioSpec;
  /** The checked scenario, whose configurations may differ from those of the spec (a tuned or planned one). */
  readonly scenario: Scenario;
  /** The files that the spec names, where there are any. */
  readonly resources?: Pick<ScenarioResources, 'configs'>;
  /** By model: the configuration in the repository that its files come from. */
  readonly deployed?: ReadonlyMap<string, ModelConfigFields>;
  /** Where profiles and traces lie, as seen from the folder that is written. */
  readonly paths?: ResolveOptions;
  /** A comment at the head of the scenario, one line. */
  readonly note?: string | undefined;
}

/** Folder of the model repositories: one per server of the scenario file. */
export const REPOSITORIES = 'model-repositories';

/**
 * A placement as files to be deployed: a model repository per server, Kubernetes manifests, a table, and
 * `scenario.yaml`, which names the emitted `config.pbtxt` files. Read again, it gives the same scenario.
 * @throws InputError with all names that Triton or Kubernetes does not take, models in batches without a batch dimension, and
 *   models that would call others of another process
 */
export function emitPlacement(input: EmitInput): Emission {
  const { spec, scenario, resources, deployed } = input;
  const placed = placedServers(spec, scenario);
  const problems = new ProblemList();
  const backendOf = (s: number, name: string) =>
    configOf(placed[s]!.server, name)?.backend || deployed?.get(name)?.backend;
  checkNames(spec, backendOf, problems);
  checkBatchDimensions(placed, deployed, problems);
  checkProcesses(placed, problems);
  problems.throwIfAny();
  const labels = placed.map(({ label }) => label);
  const parts = placed.map((server) => emitServer(server, { resources, deployed }));
  const files = [
    { path: 'scenario.yaml', text: scenarioText(input, labels) },
    { path: 'placement.csv', text: placementCsv(scenario) },
    ...parts.flatMap((part) => part.files),
  ];
  return { files, models: parts.flatMap((part) => part.models) };
}

/** No setting gives a model's tensors a dimension that they have not: its backend would not load it. */
function checkBatchDimensions(
  placed: readonly PlacedServer[],
  deployed: EmitInput['deployed'],
  problems: ProblemList,
): void {
  for (const [s, { spec, server }] of placed.entries()) {
    for (const [m, { name }] of spec.models.entries()) {
      const maxBatchSize = configOf(server, name)?.maxBatchSize ?? 0;
      if (maxBatchSize === 0 || !isUnbatched(deployed?.get(name))) continue;
      problems.add({
        path: `servers[${s}].models[${m}].config`,
        what: `max_batch_size is ${maxBatchSize}, but the repository says that "${name}" has no batch dimension (0)`,
        remedy: 'write max_batch_size: 0, or name a repository in which it has one',
      });
    }
  }
}

/** A model calls others of its own process only, and each of several MIG slices has a process of its own. */
function checkProcesses(placed: readonly PlacedServer[], problems: ProblemList): void {
  for (const [s, { server, processes }] of placed.entries()) {
    if (processes.length < 2) continue;
    for (const [m, model] of server.models.entries()) {
      if (!isComposed(model)) continue;
      problems.add({
        path: `servers[${s}].models[${m}]`,
        what: `"${model.config.name}" calls others, and each MIG slice of this server has a Triton process of its own`,
        remedy: 'write a server for each slice, with all that is called there',
      });
    }
  }
}

function configOf({ models }: Server, name: string): ModelConfig | undefined {
  return models.find(({ config }) => config.name === name)?.config;
}

/** An entry of the scenario file with the server that it became (the first of its replicas). */
interface PlacedServer {
  readonly spec: ServerSpec;
  readonly server: Server;
  readonly processes: readonly TritonProcess[];
  /** Name of its repository: a DNS label. */
  readonly label: string;
  /** Of each process: the server's, or one of its own where it has a slice. */
  readonly processLabels: readonly string[];
}

function placedServers(spec: ScenarioSpec, scenario: Scenario): PlacedServer[] {
  let next = 0;
  const servers = spec.servers.map(({ replicas }) => {
    const server = scenario.servers[next]!;
    next += replicas;
    return { server, processes: processesOf(server) };
  });
  const sliceNames = servers.map(({ processes }, i) =>
    processes.flatMap(({ slice }) => (slice === undefined ? [] : [`${spec.servers[i]!.name}-${slice}`])),
  );
  const labels = distinctLabels([...spec.servers.map(({ name }) => name), ...sliceNames.flat()]);
  const sliceLabels = labels.slice(spec.servers.length);
  return servers.map(({ server, processes }, i) => ({
    spec: spec.servers[i]!,
    server,
    processes,
    label: labels[i]!,
    processLabels: processes.map(({ slice }) => (slice === undefined ? labels[i]! : sliceLabels.shift()!)),
  }));
}

function scenarioText({ spec, scenario, paths = {}, note }: EmitInput, labels: readonly string[]): string {
  const resolved = resolveSpec(spec, scenario, paths);
  const servers = (resolved['servers'] as readonly Record<string, unknown>[]).map((server, i) => ({
    ...server,
    models: (server['models'] as readonly ServedModelSpec[]).map((model) => ({
      ...model,
      config: configPath(labels[i]!, model.name),
    })),
  }));
  return withComment(note, yamlText({ ...resolved, servers }));
}

function configPath(repository: string, model: string): string {
  return `${REPOSITORIES}/${repository}/${model}/config.pbtxt`;
}

/** An ensemble has no model file, and yet Triton loads it only with a version folder. */
function versionFolder(repository: string, model: string) {
  return { path: `${REPOSITORIES}/${repository}/${model}/1/.keep`, text: '' };
}

interface ConfigSources {
  readonly resources: EmitInput['resources'] | undefined;
  readonly deployed: EmitInput['deployed'] | undefined;
}

function emitServer(placed: PlacedServer, sources: ConfigSources): Emission {
  const { server, label, processes, processLabels } = placed;
  const repositories = [
    { repository: label, configs: server.models.map(({ config }) => config) },
    ...processes.flatMap(({ slice, configs }, i) =>
      slice === undefined ? [] : [{ repository: processLabels[i]!, configs }],
    ),
  ];
  const files = repositories.flatMap(({ repository, configs }) =>
    configs.flatMap((config) => [
      { path: configPath(repository, config.name), text: configText(config, placed, sources) },
      ...(config.ensemble === undefined ? [] : [versionFolder(repository, config.name)]),
    ]),
  );
  const models = repositories.flatMap(({ repository, configs }) =>
    configs.map(({ name, ensemble }) => ({
      model: name,
      folder: `${REPOSITORIES}/${repository}/${name}`,
      isEnsemble: ensemble !== undefined,
    })),
  );
  const manifests = processes.map((process, i) => manifestOf(process, placed, processLabels[i]!));
  return { files: [...files, { path: `kubernetes/${label}.yaml`, text: manifests.join('---\n') }], models };
}

function configText(
  config: ModelConfig,
  { spec, server }: PlacedServer,
  { resources, deployed }: ConfigSources,
): string {
  const written = spec.models.find(({ name }) => name === config.name)!.config;
  return configFileText(config, {
    ...writtenConfig(written, resources?.configs),
    deployed: deployed?.get(config.name),
    devices: server.devices.length,
  });
}

function manifestOf(
  process: TritonProcess,
  { server, spec, processes }: PlacedServer,
  label: string,
): string {
  return kubernetesManifest({
    label,
    server,
    devices: process.devices,
    processes: processes.length,
    models: process.configs.map(({ name }) => name),
    replicas: spec.replicas,
  });
}

/** One Triton process of a server: which devices it has and how its models are configured there. */
interface TritonProcess {
  /** Indices of the server's GPUs, in the order in which the process numbers them: its cores are no device that it asks for. */
  readonly devices: readonly number[];
  readonly configs: readonly ModelConfig[];
  /** Name of the device where the process has one of several slices to itself. */
  readonly slice?: string;
}

/**
 * The processes that serve what a scenario's server serves: one, unless it has several MIG slices. A CUDA
 * process sees a single MIG slice (NVIDIA MIG User Guide, "CUDA Device Enumeration"), so that each slice
 * needs a process of its own, in which the slice is GPU 0.
 */
function processesOf(server: Server): TritonProcess[] {
  const all = server.devices.flatMap(({ kind }, device) => (kind === CPU_KIND ? [] : [device]));
  const slices = server.devices.filter(({ sharing }) => sharing.mode === 'mig');
  if (slices.length === 0 || all.length === 1) {
    return [{ devices: all, configs: server.models.map(({ config }) => config) }];
  }
  const processes = all.map((device): TritonProcess => {
    const configs = server.models.flatMap((model) => configOnDevice(model, device) ?? []);
    return { devices: [device], configs, slice: server.devices[device]!.name };
  });
  return processes.filter(({ configs }) => configs.length > 0);
}

function configOnDevice({ config }: ServedModel, device: number): ModelConfig | undefined {
  const instanceGroups = config.instanceGroups.flatMap((group) => groupOnDevice(group, device) ?? []);
  return instanceGroups.length === 0 ? undefined : { ...config, instanceGroups };
}

/** Instances on the host go with the first device. */
function groupOnDevice(group: InstanceGroup, device: number): InstanceGroup | undefined {
  if (group.kind !== 'KIND_GPU') return device === 0 ? group : undefined;
  const isHere = group.gpus.length === 0 || group.gpus.includes(device);
  return isHere ? { ...group, gpus: [0] } : undefined;
}
