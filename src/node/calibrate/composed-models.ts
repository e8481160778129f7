import { withoutModel } from '../../calibrate/calibrate.js';
import { directCalls } from '../../calibrate/composed/direct-calls.js';
import {
  type CacheTimes,
  type CalledModel,
  type ComposedTime,
  measureCache,
  measureComposed,
  probeCalls,
} from '../../calibrate/composed/lone-blocks.js';
import { measureStream, type StreamTimes } from '../../calibrate/composed/streams.js';
import type { Fingerprint } from '../../calibrate/fingerprint.js';
import { refuseUnmeasured } from '../../calibrate/refuse-unmeasured.js';
import { type InferenceClient, LiveError, type LiveModelConfig } from '../../live/inference-client.js';
import { type GivenInputs, type InputsOf, inputHint, inputsOf, requestTo } from '../../live/model-inputs.js';
import { withOwnSequences } from '../../live/own-sequences.js';
import { readyModels } from '../../live/ready-models.js';
import type { ModelConfig } from '../../scenario/model-config.js';

/** A model that others work for: an ensemble, or one that calls them. */
export interface FoundComposed extends LiveModelConfig {
  /** How often a request makes it call each, in the order of an ensemble's steps; of other models the order is not known. */
  readonly calls: ReadonlyMap<string, number>;
}

export interface FoundModels {
  /** Those that are measured each by itself, the called ones among them. */
  readonly plain: readonly LiveModelConfig[];
  /** Each after those of them that it calls. */
  readonly composed: readonly FoundComposed[];
  /** What may be calls, and may be somebody else's requests. */
  readonly uncertain: readonly string[];
}

/** Hears what lone requests are sent for, before and after the points: of slow models they take minutes. */
export interface Looks {
  readonly onLook?: (what: string) => void;
}

/**
 * Tells composed models from plain ones, and finds the models that they call.
 * @param asked models that are calibrated
 * @param way how requests will be sent
 * @throws InputError where one of them cannot be measured; LiveError when the server fails
 */
export async function findComposed(
  client: InferenceClient,
  asked: readonly LiveModelConfig[],
  inputs: GivenInputs,
  way: Pick<Fingerprint, 'sharedMemory'> & Looks = {},
): Promise<FoundModels> {
  const reached = new Map<string, ReadonlyMap<string, number>>();
  const found = new Map(asked.map((model) => [model.config.name, model]));
  const uncertain: string[] = [];
  const canCall = (await readyModels(client)).length > 1;
  // A map goes on to what is added while it is walked.
  for (const [name, { config }] of found) {
    refuseUnmeasured([config], way);
    if (!canCall || (config.ensemble === undefined && config.backend !== 'python')) continue;
    way.onLook?.(`finding out which models ${name} calls`);
    const probed = await callsFor(client, config, inputsOf(inputs)).catch((error) => {
      throw advised(error, config, inputs, { configs: asked.map((each) => each.config) });
    });
    const certain = [...probed].filter(([, times]) => Number.isInteger(times));
    // The steps of an ensemble are known: how often one is called varies where a step before it gives several responses.
    const isKnown = config.ensemble !== undefined;
    const calls = isKnown ? probed : new Map(certain);
    reached.set(name, calls);
    if (calls.size < probed.size) uncertain.push(unclearCalls(name, [...probed]));
    for (const called of (isKnown ? stepsOf(config) : calls).keys())
      if (!found.has(called)) found.set(called, await client.modelConfig(called));
  }
  const isComposed = ({ config }: LiveModelConfig) => (reached.get(config.name)?.size ?? 0) > 0;
  const all = [...found.values()];
  const composed = all.filter(isComposed).map((model): FoundComposed => {
    const { name, ensemble } = model.config;
    return { ...model, calls: ensemble === undefined ? directCalls(name, reached) : stepsOf(model.config) };
  });
  const reach = ({ config }: FoundComposed) => reached.get(config.name)!.size;
  return {
    plain: all.filter((model) => !isComposed(model)),
    composed: composed.sort((a, b) => reach(a) - reach(b)),
    uncertain,
  };
}

/** What a model that fails at its first requests may need, and the command that does without it. */
function advised(
  error: unknown,
  config: ModelConfig,
  inputs: GivenInputs,
  models: Parameters<typeof withoutModel>[1],
): unknown {
  if (!(error instanceof LiveError)) return error;
  const advice = [...inputHint(error, inputs, config), ...withoutModel(config.name, models)];
  return new LiveError(error.kind, error.message, [error.remedy, ...advice].join('; '));
}

/** A model that answers with errors calls none: its first point says what is wrong. */
async function callsFor(
  client: InferenceClient,
  config: ModelConfig,
  inputs: InputsOf,
): Promise<ReadonlyMap<string, number>> {
  try {
    const own = withOwnSequences(client, [config]);
    return await probeCalls(own, own.prepare(requestTo(config, 1, inputs)));
  } catch (error) {
    if (error instanceof LiveError && config.ensemble === undefined) return new Map();
    throw error;
  }
}

function stepsOf({ ensemble }: ModelConfig): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { model } of ensemble?.steps ?? []) counts.set(model, (counts.get(model) ?? 0) + 1);
  return counts;
}

function unclearCalls(name: string, probed: readonly (readonly [string, number])[]): string {
  const unclear = probed.filter(([, times]) => !Number.isInteger(times)).map(([called]) => called);
  return `whether ${name} calls ${unclear.join(', ')} for some requests: if it does, write it among its calls`;
}

/** A composed model with what it costs besides those that it calls. */
export interface MeasuredComposed extends FoundComposed, Partial<ComposedTime> {
  /** Of its own execution, or of an ensemble the hand-over to each step; undefined where it was not measured. */
  readonly costUs?: number;
}

/**
 * @param streams what requests to the decoupled ones of the models showed
 * @throws LiveError when the server fails
 */
export async function measureAllComposed(
  client: InferenceClient,
  { plain, composed }: FoundModels,
  inputs: InputsOf,
  streams: ReadonlyMap<string, StreamTimes>,
  { onLook }: Looks = {},
): Promise<MeasuredComposed[]> {
  const configs = new Map([...plain, ...composed].map(({ config }) => [config.name, config]));
  const requestOf = (model: string) => client.prepare(requestTo(configs.get(model)!, 1, inputs));
  const measured: MeasuredComposed[] = [];
  for (const model of composed) {
    const { name, ensemble } = model.config;
    onLook?.(`measuring what ${name} takes besides the models that it calls`);
    const called = [...model.calls].map(
      ([each, times]): CalledModel => ({ request: requestOf(each), times, stream: streams.get(each) }),
    );
    const isEnsemble = ensemble !== undefined;
    const times = await measureComposed(client, requestOf(name), called, isEnsemble);
    const handOvers = isEnsemble ? called.reduce((sum, each) => sum + each.times, 0) : 1;
    measured.push({ ...model, ...times, costUs: times.costUs / handOvers });
  }
  return measured;
}

/**
 * What the response cache costs those of the models that use it; none where the server has none.
 * @throws LiveError when the server fails
 */
export async function measureCaches(
  client: InferenceClient,
  models: readonly LiveModelConfig[],
  inputs: InputsOf,
): Promise<Map<string, CacheTimes>> {
  const found = new Map<string, CacheTimes>();
  for (const { config } of models) {
    if (config.responseCache !== true) continue;
    const times = await measureCache(client, client.prepare(requestTo(config, 1, inputs)));
    if (times !== undefined) found.set(config.name, times);
  }
  return found;
}

/**
 * What requests to the decoupled ones of the models are answered with, and when.
 * @throws LiveError when the server fails
 */
export async function measureStreams(
  client: InferenceClient,
  { plain, composed }: FoundModels,
  inputs: GivenInputs,
): Promise<Map<string, StreamTimes>> {
  const found = new Map<string, StreamTimes>();
  const configs = plain.map(({ config }) => config);
  const all = [...configs, ...composed.map(({ config }) => config)];
  for (const config of all.filter(({ decoupled }) => decoupled === true)) {
    const request = client.prepare(requestTo(config, 1, inputsOf(inputs)));
    const times = await measureStream(client, request).catch((error) => {
      throw advised(error, config, inputs, { configs, composed });
    });
    found.set(config.name, times);
  }
  return found;
}

/** What the fit report says of both. */
export function composedLines(
  composed: readonly MeasuredComposed[],
  caches: ReadonlyMap<string, CacheTimes>,
): string[] {
  const ofCaches = [...caches].map(
    ([name, { hitUs, missUs, keyUs }]) =>
      `${name} in the response cache: ${hitUs.toFixed(0)} us for a hit, ${missUs.toFixed(0)} us for a miss and keeping the answer; ${keyUs.toFixed(0)} us before either for the key`,
  );
  return [...composedOnly(composed), ...ofCaches];
}

function composedOnly(composed: readonly MeasuredComposed[]): string[] {
  return composed.map(({ config: { name, ensemble }, calls, costUs }) => {
    const called = [...calls]
      .map(([model, times]) => (times === 1 ? model : `${model} ${times} times`))
      .join(', ');
    const cost = costUs === undefined ? 'not measured' : `${Math.max(0, costUs).toFixed(0)} us`;
    return ensemble === undefined
      ? `${name} calls ${called}: ${cost} of its own for a request, hand-over of its calls included${costUs !== undefined && costUs < 0 ? NOT_IN_TURN : ''}`
      : `${name} is an ensemble of ${called}: ${cost} for each hand-over`;
  });
}

const NOT_IN_TURN =
  '; it takes less than what it calls: it makes calls at once, or goes on after its execution, and scenario.yaml does not say so';
