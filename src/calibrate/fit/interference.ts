import type { Interference } from '../../profile/profile.js';
import type { ModelConfig } from '../../scenario/model-config.js';
import { type Observation, observationsOf } from '../observation.js';
import { meanPhases } from './phases.js';

/** What two models did to each other. */
export interface PairFit {
  readonly model: string;
  readonly other: string;
  /** How many times as long an execution of `model` takes while one of `other` runs, and the other way round. */
  readonly slowdown: number;
  readonly otherSlowdown: number;
  /** Their executions never overlap: they take turns. */
  readonly turns: boolean;
}

export interface InterferenceFit {
  readonly of: (model: string) => Interference;
  readonly pairs: readonly PairFit[];
}

/** Measured slowdowns below this are noise between runs. */
const NO_SLOWDOWN = 1.01;

/**
 * Slowdowns of the measured pairs; for models that never met, sensitivity and pressure (product form)
 * from what each did beside the reference model. Needs a sequential point of each model.
 */
export function fitInterference(
  observations: readonly Observation[],
  configs: readonly ModelConfig[],
): InterferenceFit {
  const pairs = observationsOf(observations, 'pair').flatMap((each) => fitPair(each, observations) ?? []);
  const selves = new Map(
    observationsOf(observations, 'self').flatMap((each) => {
      const slowdown = fitSelf(each, observations);
      return slowdown === undefined ? [] : [[each.experiment.model, slowdown] as const];
    }),
  );
  const traits = fitTraits(pairs, configs[0]?.name ?? '');
  return {
    pairs,
    of: (model) => {
      const met = pairs.flatMap((pair) => asSeenBy(model, pair) ?? []);
      const turnsWith = met.filter(({ turns }) => turns).map(({ other }) => other);
      const self = selves.get(model);
      return {
        ...(self === undefined ? {} : { self }),
        ...(turnsWith.length === 0 ? {} : { turnsWith }),
        pairs: met.map(({ other, slowdown }) => ({ model: other, slowdown })),
        ...traits.get(model),
      };
    },
  };
}

function asSeenBy(
  model: string,
  pair: PairFit,
): { other: string; slowdown: number; turns: boolean } | undefined {
  const { turns } = pair;
  if (pair.model === model) return { other: pair.other, slowdown: pair.slowdown, turns };
  if (pair.other === model) return { other: pair.model, slowdown: pair.otherSlowdown, turns };
  return undefined;
}

/** Mean inference time alone with one caller at that batch size, microseconds. */
function aloneInferUs(
  observations: readonly Observation[],
  model: string,
  batchSize: number,
): number | undefined {
  const point = observationsOf(observations, 'sequential', model).find(
    ({ experiment }) => experiment.batchSize === batchSize,
  );
  const counted = point?.statistics.find((each) => each.model === model);
  return counted === undefined ? undefined : meanPhases(counted).inferUs;
}

interface SideBySide {
  readonly aloneUs: number;
  readonly besideUs: number;
  /** Share of the time in which it was inferring. */
  readonly busyShare: number;
  readonly cycleUs: number;
}

function side(
  { statistics, durationS }: Observation,
  observations: readonly Observation[],
  model: string,
  batchSize: number,
): SideBySide | undefined {
  const counted = statistics.find((each) => each.model === model);
  const aloneUs = aloneInferUs(observations, model, batchSize);
  if (counted === undefined || counted.executionCount === 0 || aloneUs === undefined) return undefined;
  const { inferUs: besideUs, executions } = meanPhases(counted);
  const cycleUs = (durationS * 1e6) / executions;
  return { aloneUs, besideUs, busyShare: Math.min(1, besideUs / cycleUs), cycleUs };
}

function fitPair(
  observation: Observation & { readonly experiment: { readonly kind: 'pair' } },
  observations: readonly Observation[],
): PairFit | undefined {
  const { model, batchSize, other, otherBatchSize } = observation.experiment as Extract<
    Observation['experiment'],
    { kind: 'pair' }
  >;
  const own = side(observation, observations, model, batchSize);
  const others = side(observation, observations, other, otherBatchSize);
  if (own === undefined || others === undefined) return undefined;
  return {
    model,
    other,
    slowdown: slowdownOf(own, others.busyShare),
    otherSlowdown: slowdownOf(others, own.busyShare),
    turns: takeTurns(own, others),
  };
}

/** Executions are stretched only while the other one runs too. */
function slowdownOf({ aloneUs, besideUs }: SideBySide, otherBusyShare: number): number {
  const slowdown = 1 + (besideUs / aloneUs - 1) / Math.max(otherBusyShare, 0.05);
  return slowdown < NO_SLOWDOWN ? 1 : Math.round(slowdown * 1000) / 1000;
}

/** Two callers whose models share a lock alternate: equal cycles although one execution is much longer, together one after the other. */
function takeTurns(own: SideBySide, others: SideBySide): boolean {
  const [short, long] = own.aloneUs < others.aloneUs ? [own, others] : [others, own];
  if (long.aloneUs < 1.3 * short.aloneUs) return false;
  const alternate = Math.abs(own.cycleUs / others.cycleUs - 1) < 0.1;
  const oneAfterTheOther = own.cycleUs > 0.95 * (own.aloneUs + others.aloneUs);
  return alternate && oneAfterTheOther;
}

function fitSelf(
  observation: Observation & { readonly experiment: { readonly kind: 'self' } },
  observations: readonly Observation[],
): number | undefined {
  const { model, batchSize } = observation.experiment as Extract<Observation['experiment'], { kind: 'self' }>;
  const counted = observation.statistics.find((each) => each.model === model);
  const aloneUs = aloneInferUs(observations, model, batchSize);
  if (counted === undefined || counted.executionCount === 0 || aloneUs === undefined) return undefined;
  const { inferUs, executions } = meanPhases(counted);
  // Two callers on two instances: each is beside the other for the share in which that one infers.
  const busyShare = Math.min(1, (inferUs * executions) / (2 * observation.durationS * 1e6));
  return slowdownOf({ aloneUs, besideUs: inferUs, busyShare, cycleUs: 0 }, busyShare);
}

interface Traits {
  readonly sensitivity: number;
  readonly pressure: number;
}

/**
 * With the reference's pressure set to 1, a model's slowdown beside it less 1 is its sensitivity; what it
 * does to the reference is its pressure times the sensitivity of the reference. That one comes from the
 * checked pairs (geometric mean), and is 1 without any.
 */
function fitTraits(pairs: readonly PairFit[], reference: string): ReadonlyMap<string, Traits> {
  const beside = pairs.filter(({ model }) => model === reference);
  const suffers = new Map(beside.map(({ other, otherSlowdown }) => [other, otherSlowdown - 1]));
  const causes = new Map(beside.map(({ other, slowdown }) => [other, slowdown - 1]));
  const logs = pairs
    .filter(({ model }) => model !== reference)
    .flatMap(({ model, other, slowdown, otherSlowdown }) => [
      ratioLog(suffers.get(model), causes.get(other), slowdown - 1),
      ratioLog(suffers.get(other), causes.get(model), otherSlowdown - 1),
    ])
    .filter((log) => log !== undefined);
  const ofReference = logs.length === 0 ? 1 : Math.exp(logs.reduce((sum, log) => sum + log, 0) / logs.length);
  const traits = new Map<string, Traits>([[reference, { sensitivity: ofReference, pressure: 1 }]]);
  for (const [model, sensitivity] of suffers) {
    traits.set(model, { sensitivity, pressure: (causes.get(model) ?? 0) / ofReference });
  }
  return traits;
}

function ratioLog(sensitivity = 0, caused = 0, excess = 0): number | undefined {
  return sensitivity > 0 && caused > 0 && excess > 0 ? Math.log((sensitivity * caused) / excess) : undefined;
}
