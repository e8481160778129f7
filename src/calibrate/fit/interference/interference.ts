import type { Interference } from '../../../profile/profile.js';
import type { ThreadWaits } from '../../../profile/serving.js';
import { type Observation, observationsOf, type SelfPoint, type TogetherPoint } from '../../observation.js';
import { meanPhases, phasesByBatch } from '../phases.js';
import { thousandths } from '../rounding.js';
import { waitsInInferenceUs } from '../threads/thread-waits.js';
import { aloneInferUs, type SideBySide, sideInTurns, slowdownOf } from './side-by-side.js';

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

/** What keeps executions that are not others', by model. */
export interface Hindrances {
  /** What threads wait that wake beside its executions. */
  readonly threadWaits?: (model: string) => ThreadWaits | undefined;
  /** Devices that its instances are spread over evenly; absent = one. */
  readonly devices?: (model: string) => number;
}

/**
 * Slowdowns of the measured pairs; for models that never met, and for a second instance, sensitivity and pressure
 * (product form). Needs a sequential point of each model.
 * @param hindrances what else keeps executions of a model: that is no slowdown
 * @param pairs what they did to each other, where more is known of it than what was measured as a whole
 */
export function fitInterference(
  observations: readonly Observation[],
  { threadWaits, devices }: Hindrances = {},
  pairs: readonly PairFit[] = fitPairs(observations, threadWaits),
): InterferenceFit {
  const selves = new Map(
    observationsOf(observations, 'self').flatMap((each) => {
      const { model } = each.experiment;
      const slowdown = fitSelf(each, threadWaits?.(model), devices?.(model));
      return slowdown === undefined ? [] : [[model, slowdown] as const];
    }),
  );
  const suffered = bothWays(pairs);
  const traits = fitTraits(suffered);
  return {
    pairs,
    of: (model) => {
      const met = suffered.filter((each) => each.model === model);
      const mutuallyExclusiveWith = met.filter(({ turns }) => turns).map(({ other }) => other);
      const self = selves.get(model) ?? likeItsLike(model, met, traits);
      return {
        ...(self === undefined ? {} : { self }),
        ...(mutuallyExclusiveWith.length === 0 ? {} : { mutuallyExclusiveWith }),
        pairs: met.map(({ other, slowdown }) => ({ model: other, slowdown })),
        ...traits.get(model),
      };
    },
  };
}

/** What the measured pairs did to each other; of two that met twice the first time counts. */
export function fitPairs(
  observations: readonly Observation[],
  threadWaits: (beside: string) => ThreadWaits | undefined = () => undefined,
): PairFit[] {
  const pairs = observationsOf(observations, 'pair');
  return pairs
    .filter(
      (each, i) =>
        pairs.findIndex(({ experiment }) => namesOf(experiment) === namesOf(each.experiment)) === i,
    )
    .flatMap((each) => fitPair(each, observations, threadWaits) ?? []);
}

/** Executions that only wait on the host have nothing that others could take: what seems slower there is noise. */
export function withoutNoise(pairs: readonly PairFit[], waiting: ReadonlySet<string>): readonly PairFit[] {
  return pairs.map((pair) => {
    const { model, other, turns, slowdown, otherSlowdown } = pair;
    if (turns || !(waiting.has(model) || waiting.has(other))) return pair;
    const of = (name: string, measured: number) => (waiting.has(name) ? 1 : measured);
    return { ...pair, slowdown: of(model, slowdown), otherSlowdown: of(other, otherSlowdown) };
  });
}

/** What one of two models suffers beside the other. */
interface Suffered {
  readonly model: string;
  readonly other: string;
  readonly slowdown: number;
  readonly turns: boolean;
}

/** Of each pair what the one suffers, and what the other does. */
export function bothWays(pairs: readonly PairFit[]): Suffered[] {
  return pairs.flatMap(({ model, other, slowdown, otherSlowdown, turns }) => [
    { model, other, slowdown, turns },
    { model: other, other: model, slowdown: otherSlowdown, turns },
  ]);
}

function side(
  { statistics, durationS }: Observation,
  observations: readonly Observation[],
  model: string,
  batchSize: number,
): SideBySide | undefined {
  const counted = statistics.find((each) => each.model === model);
  const aloneUs = aloneInferUs(observations, model, batchSize);
  if (counted === undefined || aloneUs === undefined) return undefined;
  const all = meanPhases(counted);
  const row = phasesByBatch(counted).find((each) => each.batchSize === batchSize);
  if (row === undefined || row.executions === 0) return undefined;
  const cycleUs = (durationS * 1e6) / all.executions;
  return { aloneUs, besideUs: row.inferUs, busyShare: Math.min(1, all.inferUs / cycleUs), cycleUs };
}

function fitPair(
  measured: PairObservation,
  observations: readonly Observation[],
  threadWaits: (beside: string) => ThreadWaits | undefined,
): PairFit | undefined {
  const { experiment } = measured;
  const { model, batchSize, other, otherBatchSize } = experiment;
  const own = side(measured, observations, model, batchSize);
  const others = side(measured, observations, other, otherBatchSize);
  if (own === undefined || others === undefined) return undefined;
  const turns = takeTurns(own, others);
  const together = turns ? undefined : pointTogether(observations, experiment);
  // Alone and under closed-loop clients they were measured minutes apart: turns of one point are closer to each other.
  const [first, second] = (together && sidesTogether(together, experiment)) ?? [own, others];
  const of = (one: SideBySide, { busyShare }: SideBySide, beside: string) =>
    slowdownOf(one, busyShare, waitsInInferenceUs(threadWaits(beside), busyShare));
  return { model, other, slowdown: of(first, second, other), otherSlowdown: of(second, first, model), turns };
}

type Sides = readonly [SideBySide, SideBySide];

interface PairNames {
  readonly model: string;
  readonly other: string;
}

/** The same whichever of the two is named first. */
function namesOf({ model, other }: PairNames): string {
  return JSON.stringify([model, other].sort());
}

type PairObservation = ReturnType<typeof observationsOf<'pair'>>[number];

/** The point in which these two met under open loops. */
export function pointTogether(
  observations: readonly Observation[],
  names: PairNames,
): TogetherPoint | undefined {
  return observationsOf(observations, 'together').find(
    ({ experiment }) => namesOf(experiment) === namesOf(names),
  );
}

/** Single executions of both in the turns of one point: with the other and without it. */
export function sidesTogether({ turns = [] }: TogetherPoint, { model, other }: PairNames): Sides | undefined {
  const own = sideInTurns(turns, model, 'first');
  const others = sideInTurns(turns, other, 'second');
  return own && others && [own, others];
}

/** Least slowdown of the shorter one where two share a lock: it waits for executions that are longer than its own. */
const LEAST_OF_TURNS = 1.3;
/** Least ratio of two lengths that tells turns from sharing evenly, which makes cycles of like executions equal, too. */
const LEAST_APART = 1.3;
/** Cycles that differ by less are equal: two that alternate differ by the noise of their network delays. */
const EQUAL_WITHIN = 0.1;
/**
 * Least part of both executions that a cycle of two that alternate takes. What is outside the lock overlaps: threads wake and copy
 * for about half a millisecond, a tenth of executions of 3 and 9 ms.
 */
const OF_BOTH = 0.85;

/**
 * Two clients whose models share a lock alternate: equal cycles although one execution is much longer, together one after the
 * other, and the shorter one waits within its own for the longer. (Queue delays and ways make cycles equal, too, by chance.)
 */
function takeTurns(own: SideBySide, others: SideBySide): boolean {
  const [short, long] = own.aloneUs < others.aloneUs ? [own, others] : [others, own];
  if (long.aloneUs < LEAST_APART * short.aloneUs || short.besideUs < LEAST_OF_TURNS * short.aloneUs)
    return false;
  const alternate = Math.abs(own.cycleUs / others.cycleUs - 1) < EQUAL_WITHIN;
  const oneAfterTheOther = own.cycleUs > OF_BOTH * (own.aloneUs + others.aloneUs);
  return alternate && oneAfterTheOther;
}

/** Sensitivities within this factor are alike. */
const ALIKE = 3;
/** Sensitivities below this are the noise of a measurement. */
const LEAST_SENSITIVITY = 0.03;

/**
 * What a second instance would cost a model that served one: as much as the model most like it among those it
 * met, by sensitivity. Undefined where none is like it; the product of its traits then stands in.
 */
function likeItsLike(
  model: string,
  met: readonly Suffered[],
  traits: ReadonlyMap<string, Traits>,
): number | undefined {
  const logOf = (name: string) =>
    Math.log(Math.max(LEAST_SENSITIVITY, traits.get(name)?.sensitivity ?? Number.NaN));
  const others = met
    .filter(({ turns }) => !turns)
    .map(({ other, slowdown }) => ({ slowdown, distance: Math.abs(logOf(other) - logOf(model)) }))
    .filter(({ distance }) => distance <= Math.log(ALIKE))
    .sort((a, b) => a.distance - b.distance);
  return others[0]?.slowdown;
}

interface Traits {
  readonly sensitivity: number;
  readonly pressure: number;
}

const ROUNDS = 100;

/**
 * Sensitivity of a model times the pressure of another is what the one suffers beside the other, its slowdown less
 * 1: the least-squares product over all measured pairs, by turns (alternating least squares, one factor).
 */
function fitTraits(suffered: readonly Suffered[]): ReadonlyMap<string, Traits> {
  const models = [...new Set(suffered.map(({ model }) => model))];
  const sensitivity = new Map(models.map((model) => [model, 1]));
  const pressure = new Map(models.map((model) => [model, 1]));
  for (let i = 0; i < ROUNDS; i++) {
    for (const model of models) {
      const own = suffered.filter((each) => each.model === model);
      sensitivity.set(
        model,
        quotient(own.map(({ other, slowdown }) => [slowdown - 1, pressure.get(other)!])),
      );
    }
    for (const model of models) {
      const caused = suffered.filter(({ other }) => other === model);
      pressure.set(model, quotient(caused.map((each) => [each.slowdown - 1, sensitivity.get(each.model)!])));
    }
  }
  return new Map(
    models.map((model) => [
      model,
      { sensitivity: thousandths(sensitivity.get(model)!), pressure: thousandths(pressure.get(model)!) },
    ]),
  );
}

/** The factor of x that comes closest to y in all pairs (y, x). */
function quotient(pairs: readonly (readonly [number, number])[]): number {
  const both = pairs.reduce((sum, [y, x]) => sum + y * x, 0);
  const squares = pairs.reduce((sum, [, x]) => sum + x * x, 0);
  return squares === 0 ? 0 : both / squares;
}

/**
 * What a second instance costs: instances that are never without work in turns with one client, and where that was not measured
 * two clients in turns with one. A batcher that puts requests of several clients into one execution shows nothing of two.
 * @param devices to which requests come evenly, each with as many instances
 */
export function fitSelf(
  { experiment, turns = [] }: SelfPoint,
  threadWaits?: ThreadWaits,
  devices = 1,
): number | undefined {
  const { model, batchSize, all: { instances } = { instances: 0 } } = experiment;
  const others = instances / devices - 1;
  const all = sideInTurns(turns, model, 'first', { instances, batchSize, met: 'all' });
  if (all !== undefined && others > 0) return slowdownOf(all, others * all.busyShare);
  // Two clients of instances on several devices seldom meet.
  if (devices > 1) return undefined;
  const measured = sideInTurns(turns, model, 'first', { instances: 2, batchSize });
  if (measured === undefined) return undefined;
  // Each of the two is beside the other for the share in which that one infers.
  const { busyShare } = measured;
  return slowdownOf(measured, busyShare, waitsInInferenceUs(threadWaits, busyShare));
}
