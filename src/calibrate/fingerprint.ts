import { createHash } from 'node:crypto';
import { canonicalJson } from '../base/canonical-json.js';
import { given } from '../base/given.js';
import type { LiveModelConfig, ServerFacts } from '../live/inference-client.js';
import { buildInputs } from '../live/input-data.js';
import { type GivenInputs, inputsOf } from '../live/model-inputs.js';
import type { ModelConfig } from '../scenario/model-config.js';
import { modelsOf } from './experiment.js';
import type { Observation } from './observation.js';

/** What a calibration was measured on: points of another server or other configurations are not mixed in. */
export interface Fingerprint {
  readonly server: string;
  readonly serverVersion: string;
  /** The machine that measured: processor and cores. Its load generator is part of what was measured. */
  readonly client: string;
  /** Hash of each model's configuration in force. */
  readonly models: Readonly<Record<string, string>>;
  /** Hash of what requests held, of models for which somebody said that; zeros otherwise. */
  readonly contents?: Readonly<Record<string, string>>;
  /** Kind of the GPU as the user named it, and the GPUs that the server's metrics show; absent where nobody said. */
  readonly gpu?: string;
  readonly gpus?: readonly string[];
  /** How requests were sent; absent: over gRPC, with their tensors. */
  readonly protocol?: 'http';
  readonly sharedMemory?: 'system';
}

/** What is measured on, besides server and models. */
export interface MeasuredWith extends Pick<Fingerprint, 'protocol' | 'sharedMemory'> {
  readonly gpu?: string | undefined;
  readonly gpus?: readonly string[];
  readonly inputs?: GivenInputs;
}

/** What points must have in common to be fitted together: server, client, configurations and what requests hold. */
export function fingerprintOf(
  facts: ServerFacts,
  client: string,
  configs: readonly LiveModelConfig[],
  { gpu, gpus = [], inputs = {}, protocol, sharedMemory }: MeasuredWith = {},
): Fingerprint {
  const hashes = configs.map(
    ({ config, version, json }) => [config.name, hashOf(canonicalJson({ version, json }))] as const,
  );
  const contents = configs.flatMap(({ config }) => {
    const given = contentsOf(config, inputs);
    return given === contentsOf(config, {}) ? [] : [[config.name, given] as const];
  });
  return {
    server: facts.name,
    serverVersion: facts.version,
    client,
    models: byName(hashes),
    ...(contents.length > 0 && { contents: byName(contents) }),
    ...(gpus.length > 0 && { gpus }),
    ...given({ gpu, protocol, sharedMemory }),
  };
}

function byName(entries: readonly (readonly [string, string])[]): Record<string, string> {
  return Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Hash of a request of one inference. */
function contentsOf(config: ModelConfig, given: GivenInputs): string {
  const tensors = buildInputs(config, { ...inputsOf(given)(config), batchSize: 1 });
  return hashOf(
    JSON.stringify(
      tensors.map(({ data, ...rest }) => ({ ...rest, data: Buffer.from(data).toString('base64') })),
    ),
  );
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** What is left of a fingerprint that matters: a model of which no point was kept may be measured in any way. */
export function ofMeasured(
  fingerprint: Fingerprint,
  observations: readonly Pick<Observation, 'experiment'>[],
): Fingerprint | undefined {
  if (observations.length === 0) return undefined;
  const measured = new Set(observations.flatMap(({ experiment }) => modelsOf(experiment)));
  const { models, contents, ...rest } = fingerprint;
  const only = (hashes: Readonly<Record<string, string>>) =>
    byName(Object.entries(hashes).filter(([model]) => measured.has(model)));
  return { ...rest, models: only(models), ...(contents !== undefined && { contents: only(contents) }) };
}

/** What keeps points measured under `before` from being used now, one sentence each; new models are no obstacle. */
export function differences(before: Fingerprint, now: Fingerprint): string[] {
  const facts = (['server', 'serverVersion', 'client'] as const).flatMap((key) =>
    differs(key, before[key], now[key]),
  );
  const ways = [
    ...differs('protocol', before.protocol ?? 'grpc', now.protocol ?? 'grpc'),
    ...differs('shared memory', before.sharedMemory ?? 'none', now.sharedMemory ?? 'none'),
  ];
  const models = Object.entries(now.models).flatMap(([model, hash]) => {
    const known = before.models[model];
    if (known === hash && before.contents?.[model] !== now.contents?.[model])
      return [`what requests of ${model} hold has changed`];
    return known === undefined || known === hash ? [] : [`the configuration of ${model} has changed`];
  });
  const { gpu, gpus } = before;
  const devices = [
    ...(gpu !== undefined && now.gpu !== undefined ? differs('the GPU', gpu, now.gpu) : []),
    ...(gpus !== undefined && now.gpus !== undefined && gpus.join() !== now.gpus.join()
      ? [`the server's GPUs were ${gpus.join(', ')} and are ${now.gpus.join(', ')}`]
      : []),
  ];
  return [...facts, ...ways, ...devices, ...models];
}

function differs(what: string, before: string, now: string): string[] {
  return before === now ? [] : [`${what} was ${before} and is ${now}`];
}
