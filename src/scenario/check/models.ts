import { given } from '../../base/given.js';
import type { Path } from '../../base/path.js';
import { costlessProfile } from '../../profile/costless.js';
import type { ModelProfile } from '../../profile/profile.js';
import { isTensorRt, type ModelConfig } from '../model-config.js';
import type { ConfigFile, Loaded } from '../resources.js';
import type { ResponseLaw, ServedModel } from '../scenario.js';
import type { ServedModelSpec } from '../spec/server-spec.js';
import type { ConfigSource } from '../triton/config-source.js';
import { MODEL_CONFIG, type ModelConfigFields } from '../triton/fields.js';
import { ignoredFields } from '../triton/ignored-fields.js';
import { interpretModelConfig } from '../triton/interpret.js';
import { readModelConfigText } from '../triton/model-config-text.js';
import type { LocatedDevice } from './devices.js';
import { resolveEngine } from './engines.js';
import type { Findings } from './findings.js';
import { placeInstances } from './instances.js';
import type { ProfileRegistry } from './profile-registry.js';

/** What the models of a server are resolved with. */
export interface ModelSurroundings {
  readonly server: string;
  readonly devices: readonly LocatedDevice[];
  readonly registry: ProfileRegistry;
  readonly configs: ReadonlyMap<string, Loaded<ConfigFile>>;
}

/** A model as a server serves it, and the fields of its configuration that change nothing here. */
export interface ResolvedModel {
  readonly model: ServedModel;
  readonly ignoredFields: readonly string[];
}

/** Reads the model's configuration, places its instances and finds their profiles. */
export function resolveModel(
  spec: ServedModelSpec,
  path: Path,
  surroundings: ModelSurroundings,
  findings: Findings,
): ResolvedModel | undefined {
  const source = readConfig(spec, [...path, 'config'], surroundings, findings);
  if (source === undefined) return undefined;
  const { devices, server } = surroundings;
  const config = interpretModelConfig(
    source,
    { name: spec.name, devices: devices.length, hasEngine: spec.engine !== undefined },
    findings.list,
  );
  if (config === undefined) return undefined;
  warnOfCompletion(source.fields, config, { server, isFile: typeof spec.config === 'string' }, findings);
  const isNeeded = spec.calls === undefined || spec.profile !== undefined;
  const profileOf = (kind: string): ModelProfile | undefined =>
    isNeeded || surroundings.registry.has(spec.name, kind)
      ? surroundings.registry.find(
          spec.profile ?? spec.name,
          kind,
          spec.profile ? [...path, 'profile'] : path,
        )
      : costlessProfile(spec.name, kind);
  const instances = placeInstances(config, devices, profileOf, {
    server,
    warn: (message) => findings.warn('assumed-parameter', `${server}/${spec.name}`, message),
  });
  if (
    config.ensemble === undefined &&
    instances.length === 0 &&
    config.instanceGroups.every(({ passive }) => passive)
  ) {
    findings.problem(path, 'all its instance groups are passive', 'write one that is not');
  }
  const engine = resolveEngine(spec, config, instances, path, findings);
  if (engine === undefined) checkResponses(spec, config, path, findings);
  checkOverlapping(spec, config, path, findings);
  checkIterations(spec, config, path, findings);
  const pipelined = spec.pipelined ?? (isTensorRt(config) && config.eagerBatching === true);
  const takesTurns = isTensorRt(config) && !pipelined;
  const model: ServedModel = {
    config,
    instances,
    ...(pipelined && { pipelined }),
    ...(takesTurns && { takesTurns }),
    ...given({
      coldStart: config.isWarmedUp ? undefined : spec.coldStart,
      loadMs: spec.loadMs,
      memoryMb: spec.memoryMb,
      engine,
      responses: spec.responses && responseLaw(spec.responses),
      overlapping: spec.overlapping || undefined,
      iterations: spec.iterations && { ...spec.iterations, streams: config.decoupled === true },
    }),
  };
  return { model, ignoredFields: ignoredFields(MODEL_CONFIG, source.fields) };
}

function responseLaw(spec: NonNullable<ServedModelSpec['responses']>): ResponseLaw {
  const { firstMs, gapMs, endMs, ...number } = spec;
  const times = { firstUs: firstMs * 1000, gapUs: gapMs * 1000 };
  return { ...number, ...times, ...(endMs !== undefined && { endUs: endMs * 1000 }) };
}

/** How many responses a request gets is in no configuration. Those of an ensemble are its steps', and Triton calls it decoupled for them. */
function checkResponses(
  { responses }: ServedModelSpec,
  { decoupled, ensemble, name, sequences }: ModelConfig,
  path: Path,
  findings: Findings,
): void {
  const isIterative = sequences?.isIterative === true;
  if (isIterative && responses !== undefined)
    findings.problem(
      [...path, 'responses'],
      `each execution of "${name}" gives a response where it is decoupled`,
      'leave it out, and write iterations',
    );
  else if (ensemble !== undefined && responses !== undefined)
    findings.problem([...path, 'responses'], `"${name}" is an ensemble`, 'write them for its steps');
  else if (decoupled === true && responses === undefined && !isIterative && ensemble === undefined)
    findings.problem(
      path,
      `"${name}" is decoupled`,
      'write at the model how many responses it gives and when, such as responses: {mean: 25, law: geometric, firstMs: 20, gapMs: 40}',
    );
  else if (decoupled !== true && responses !== undefined)
    findings.problem([...path, 'responses'], `"${name}" is not decoupled`, 'leave it out');
}

function checkOverlapping(
  { overlapping, calls }: ServedModelSpec,
  { name, sequences }: ModelConfig,
  path: Path,
  findings: Findings,
): void {
  if (overlapping !== true) return;
  const add = (what: string) => findings.problem([...path, 'overlapping'], what, 'leave it out');
  if (calls === undefined) add(`"${name}" has no calls to wait for`);
  if (sequences !== undefined) add(`"${name}" has sequences, of which none is simulated to go on meanwhile`);
}

/** Its backend alone knows how often it reschedules a request. */
function checkIterations(
  { iterations }: ServedModelSpec,
  { name, sequences }: ModelConfig,
  path: Path,
  findings: Findings,
): void {
  const isIterative = sequences?.isIterative === true;
  if (isIterative && iterations === undefined)
    findings.problem(
      path,
      `"${name}" has iterative sequences`,
      'write iterations: how often a request is executed',
    );
  if (!isIterative && iterations !== undefined)
    findings.problem([...path, 'iterations'], `"${name}" has no iterative sequences`, 'leave it out');
}

function readConfig(
  { config }: ServedModelSpec,
  path: Path,
  { configs }: ModelSurroundings,
  findings: Findings,
): ConfigSource | undefined {
  if (typeof config !== 'string') {
    const placeOf = (inner: Path) => findings.positionOf([...path, ...inner]);
    const broken = new Set(findings.gaps.below(path).map(String));
    return { fields: config, placeOf, ...(broken.size > 0 && { broken }) };
  }
  const file = findings.take(configs.get(config), path);
  return file && readModelConfigText(file.text, file.file, findings.list);
}

/** Backends that fill in what a configuration leaves out from the model itself. */
const COMPLETING = /^(onnxruntime|tensorrt|tensorflow|openvino)/;

/** A file without tensors is completed by Triton when it loads the model, here it is taken as it is. */
function warnOfCompletion(
  fields: ModelConfigFields,
  config: ModelConfig,
  { server, isFile }: { readonly server: string; readonly isFile: boolean },
  findings: Findings,
): void {
  const completes = COMPLETING.test(config.backend || config.platform);
  const hasTensors = config.inputs.length > 0 && config.outputs.length > 0;
  const isDecided = fields.max_batch_size !== undefined && config.dynamicBatching !== undefined;
  if (!isFile || !completes || hasTensors || isDecided) return;
  const batching = config.dynamicBatching === undefined ? 'no dynamic batching' : 'dynamic batching';
  findings.warn(
    'assumed-parameter',
    `${server}/${config.name}`,
    `the configuration names no inputs or outputs, so Triton may complete it from the model; simulated as it is written: max_batch_size ${config.maxBatchSize}, ${batching}`,
  );
}
