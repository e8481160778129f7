import { powersUpTo } from '../../base/powers-up-to.js';
import { InputError } from '../../base/problem.js';
import { CPU_KIND } from '../../profile/host-cores.js';
import { withCalled } from '../../scenario/composition.js';
import { isPrefetching, type ModelConfig } from '../../scenario/model-config.js';
import type { Scenario, ServedModel } from '../../scenario/scenario.js';
import type { ScenarioSpec } from '../../scenario/spec.js';
import type { ServedRef } from '../../simulator/partition.js';
import { callsForBatches, largestCall } from './largest-call.js';
import type { LoadPoint } from './load-point.js';
import { configWith, type ModelSetting, settingKey, settingOf } from './setting.js';

/** What is searched; a list that is left out has the default named with it. */
export interface SpaceOptions {
  /** Models whose settings are searched with those that they call, as `model` or `server/model`. Default: all. */
  readonly models?: readonly string[];
  /**
   * Default: 1 to 5, as Model Analyzer has it, and what the model has now; on an exclusive device only that, as each
   * instance has such a device to itself.
   */
  readonly instances?: readonly number[];
  /** Default: powers of two up to the largest that the profile was measured at, at most 128. */
  readonly maxBatchSizes?: readonly number[];
  /**
   * `max`: only the largest batch is preferred; `powers`: every power of two up to it. Default: both.
   */
  readonly preferred?: readonly PreferredSizes[];
  /** Default: 0, 100, 500, 2000 and 5000 µs. */
  readonly delaysUs?: readonly number[];
  /** Default: the limit that the model has now. */
  readonly queueLimits?: readonly number[];
  /** Clients of every closed loop. Default: as in the scenario. */
  readonly concurrency?: readonly number[];
  /** Factors on the rates of the other loads. Default: 1. */
  readonly rateFactors?: readonly number[];
}

export type PreferredSizes = 'max' | 'powers';

/** A model whose settings are searched; replicas of a server share them. */
export interface TunedModel {
  /** `server/model`, the server named as in the scenario file. */
  readonly name: string;
  readonly model: string;
  readonly places: readonly ServedRef[];
  /** What is tried, without repetition; the first is what it has now. */
  readonly settings: readonly ModelSetting[];
}

export interface TuneSpace {
  readonly models: readonly TunedModel[];
  /** At least one. */
  readonly loads: readonly LoadPoint[];
}

/** One point of the space: an index into the settings of each model, and one into the loads. */
export interface Candidate {
  readonly settings: readonly number[];
  readonly load: number;
}

export function candidateKey({ settings, load }: Candidate): string {
  return `${settings.join(',')}@${load}`;
}

export function spaceSize({ models, loads }: TuneSpace): number {
  return models.reduce((product, { settings }) => product * settings.length, loads.length);
}

/**
 * The space of a scenario.
 * @throws InputError when a model to be tuned is not served, or a load does not fit the scenario
 */
export function tuneSpace(spec: ScenarioSpec, scenario: Scenario, options: SpaceOptions = {}): TuneSpace {
  const all = servedModels(spec, scenario);
  const wanted = options.models;
  const unknown = (wanted ?? []).filter(
    (name) => !all.some((served) => name === served.name || name === served.model),
  );
  if (unknown.length > 0) {
    throw new InputError(
      unknown.map((name) => ({
        path: '--models',
        what: `no server serves "${name}"`,
        remedy: `write one of ${all.map((served) => served.name).join(', ')}`,
      })),
    );
  }
  const named = all.filter(
    ({ name, model }) => wanted === undefined || wanted.includes(name) || wanted.includes(model),
  );
  const models = all
    .filter((served) => isExecuting(served, scenario) && isReached(served, named, scenario))
    .map((served) => ({ ...served, settings: settingsOf(served, scenario, options) }));
  return { models, loads: loadPoints(scenario, options) };
}

function modelAt({ servers }: Scenario, { server, model }: ServedRef): ServedModel {
  return servers[server]!.models[model]!;
}

/** An ensemble has no settings of its own: those of the models of its steps count. */
function isExecuting({ places }: ServedAt, scenario: Scenario): boolean {
  return modelAt(scenario, places[0]!).ensemble === undefined;
}

/** Whether it is one of the named models, or one of them calls it. */
function isReached({ places }: ServedAt, named: readonly ServedAt[], { servers }: Scenario): boolean {
  const { server, model } = places[0]!;
  const asked = named.flatMap((each) => (each.places[0]!.server === server ? each.places[0]!.model : []));
  return withCalled(servers[server]!.models, asked).includes(model);
}

type ServedAt = Omit<TunedModel, 'settings'>;

/** Every model of every server of the file; the places of replicas are put together. */
function servedModels(spec: ScenarioSpec, scenario: Scenario): ServedAt[] {
  let next = 0;
  return spec.servers.flatMap((server) => {
    const servers = Array.from({ length: server.replicas }, (_, i) => next + i);
    next += server.replicas;
    return server.models.map(({ name }, model) => ({
      name: `${server.name}/${name}`,
      model: name,
      places: servers.filter((s) => s < scenario.servers.length).map((s) => ({ server: s, model })),
    }));
  });
}

const INSTANCES = [1, 2, 3, 4, 5];
const DELAYS_US = [0, 100, 500, 2000, 5000];
const PREFERRED: readonly PreferredSizes[] = ['max', 'powers'];
const LARGEST_BATCH = 128;

function settingsOf(served: ServedAt, scenario: Scenario, options: SpaceOptions): ModelSetting[] {
  const now = modelAt(scenario, served.places[0]!);
  const current = settingOf(now);
  const sizes = triedSizes(served, now, scenario, options);
  const settings = instanceCounts(served, scenario, current, options).flatMap((instances) =>
    sizes.flatMap((maxBatchSize) => batchings(maxBatchSize, now, options).map((b) => ({ instances, ...b }))),
  );
  const distinct = new Map([current, ...settings].map((setting) => [settingKey(setting), setting]));
  return [...distinct.values()];
}

/** Places of the batches of a model with sequences are their slots, and an engine forms its own: such models keep their size. */
function triedSizes(
  { places }: ServedAt,
  now: ServedModel,
  scenario: Scenario,
  options: SpaceOptions,
): readonly number[] {
  const { maxBatchSize, sequences } = now.config;
  if (maxBatchSize === 0 || (sequences ?? now.engine) !== undefined) return [maxBatchSize];
  const least = Math.max(...places.map((place) => largestCall(scenario, place)));
  const most = callsForBatches(now) ? maxBatchSize : Number.POSITIVE_INFINITY;
  const tried = options.maxBatchSizes ?? batchSizes(now);
  return tried.filter((size) => size >= least && size <= most);
}

/** @throws InputError when other numbers are asked for than an exclusive device has */
function instanceCounts(
  { name, places }: ServedAt,
  { servers }: Scenario,
  current: ModelSetting,
  { instances }: SpaceOptions,
): readonly number[] {
  const exclusive = places.flatMap(({ server, model }) => {
    const { devices, models } = servers[server]!;
    const used = models[model]!.instances.flatMap(({ device }) => devices[device] ?? []);
    return used.filter(({ kind, sharing }) => kind !== CPU_KIND && sharing.mode === 'exclusive');
  });
  const [first] = exclusive;
  if (first === undefined) return instances ?? [...INSTANCES, current.instances];
  if (instances?.some((count) => count !== current.instances)) {
    const what = `${first.name} is exclusive: another instance of ${name} would need another device`;
    throw InputError.of(what, 'leave it out, or write sharing: streams', { path: '--instances' });
  }
  return [current.instances];
}

function batchings(maxBatchSize: number, now: ServedModel, options: SpaceOptions): BatchPart[] {
  if ((now.config.sequences ?? now.engine) !== undefined) return [{ maxBatchSize }];
  const limits = options.queueLimits ?? [now.config.dynamicBatching?.defaultQueuePolicy.maxQueueSize ?? 0];
  if (maxBatchSize <= 1) return limits.map((limit) => unbatched(maxBatchSize, limit, now.config));
  const { delaysUs = DELAYS_US, preferred = PREFERRED } = options;
  return preferred.flatMap((kind) =>
    delaysUs.flatMap((maxQueueDelayUs) =>
      limits.map((maxQueueSize) => ({
        maxBatchSize,
        batching: {
          preferredBatchSizes: kind === 'max' ? [maxBatchSize] : powersUpTo(maxBatchSize),
          maxQueueDelayUs,
          maxQueueSize,
        },
      })),
    ),
  );
}

/** A batch of one is never waited for: its batcher is worth keeping for what else it does with the queue. */
function unbatched(maxBatchSize: number, maxQueueSize: number, now: ModelConfig): BatchPart {
  const batching = { preferredBatchSizes: maxBatchSize === 0 ? [] : [1], maxQueueDelayUs: 0, maxQueueSize };
  const config = configWith(now, { instances: 1, maxBatchSize, batching });
  const { preserveOrdering } = config.dynamicBatching!;
  return isPrefetching(config) && !preserveOrdering ? { maxBatchSize } : { maxBatchSize, batching };
}

type BatchPart = Omit<ModelSetting, 'instances'>;

function batchSizes({ config, instances }: ServedModel): number[] {
  const measured = instances.flatMap(({ profile }) => profile.service.map(({ batchSize }) => batchSize));
  const largest = measured.reduce((most, size) => Math.max(most, size), config.maxBatchSize);
  return powersUpTo(Math.min(largest, Math.max(LARGEST_BATCH, config.maxBatchSize)));
}

function loadPoints({ tenants }: Scenario, { concurrency, rateFactors }: SpaceOptions): LoadPoint[] {
  const closed = tenants.filter(({ load }) => load.mode === 'closed').length;
  if (concurrency !== undefined && closed === 0) {
    throw InputError.of('there is no closed loop whose clients could be varied', 'leave it out', {
      path: '--concurrency',
    });
  }
  if (rateFactors !== undefined && closed === tenants.length) {
    throw InputError.of('every load is a closed loop: it has no rate', 'write --concurrency instead', {
      path: '--load',
    });
  }
  return (concurrency ?? [undefined]).flatMap((clients) =>
    (rateFactors ?? [1]).map((rateFactor) => ({
      ...(clients === undefined ? {} : { concurrency: clients }),
      ...(rateFactor === 1 ? {} : { rateFactor }),
    })),
  );
}
