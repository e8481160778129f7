import { sum } from 'simple-statistics';
import { bisect } from '../../../base/bisect.js';
import { groupBy } from '../../../base/group-by.js';
import type { ModelStatistics } from '../../../live/inference-client.js';
import type { ThreadWaits } from '../../../profile/serving.js';
import { countedOf, type Observation } from '../../observation.js';
import { TURN_S } from '../../turns.js';
import { timeUs } from '../phases.js';
import { waitsInInferenceUs } from '../threads/thread-waits.js';
import { countedAnew, withInferNs } from './counted-anew.js';

/** What instances of a model do to each other. */
export interface Instances {
  /** On one device. */
  readonly instances: number;
  /** On each of so many, to which requests come evenly; absent = one. */
  readonly devices?: number;
  /** How many times as long an execution takes beside one of another instance; 1 = nothing. */
  readonly self: number;
  /** A batcher executes requests together that wait, and holds them back for so long for more; absent = there is none. */
  readonly batcher?: { readonly delayUs: number } | undefined;
  /** What threads wait for cores on which other instances compute. */
  readonly threadWaits?: ThreadWaits | undefined;
}

/**
 * Points as one instance alone would have shown them: in open loops the executions of several instances overlap, and
 * inference times by batch size have in them what they cost each other. A simulation adds that again.
 */
export function withoutItself(
  observations: readonly Observation[],
  model: string,
  known: Instances,
): readonly Observation[] {
  if (known.instances < 2) return observations;
  return observations.map((observation) => {
    const { experiment, statistics, durationS } = observation;
    const { kind } = experiment;
    if (kind === 'together') return turnsWithoutOverlap(observation, model, known);
    if (kind !== 'poisson' && kind !== 'alone' && kind !== 'backlog') return observation;
    const others = othersOf(statistics, model, durationS, known);
    return countedAnew(observation, model, (each) => withoutOthers(each, others));
  });
}

function turnsWithoutOverlap(observation: Observation, model: string, known: Instances): Observation {
  const othersIn = new Map(
    [...groupBy(observation.turns ?? [], ({ turn }) => turn)].map(([turn, own]) => {
      const statistics = own.flatMap((each) => each.statistics);
      return [turn, othersOf(statistics, model, own.length * TURN_S, known)];
    }),
  );
  return countedAnew(observation, model, (each, turn) => turn && withoutOthers(each, othersIn.get(turn)!));
}

/** What the other instances do to an inference. */
interface Others {
  /** How many times as long it takes. */
  readonly times: number;
  /** What its threads wait, and what they would beside others that compute all the time. */
  readonly waitUs: number;
  readonly mostWaitUs: number;
}

/** How busy the instances were tells how many of the others an execution had beside it. */
function othersOf(
  statistics: readonly ModelStatistics[],
  model: string,
  durationS: number,
  known: Instances,
): Others {
  const own = countedOf(statistics, model);
  const inferUs = timeUs(own, ['inferUs']);
  const busy = inferUs / (durationS * 1e6) / (known.devices ?? 1);
  const { times, meanOthers } = besideOthers(busy, known);
  // A batcher that holds requests back starts one execution so long after the other, but for those that waited for an instance.
  const executions = sum(own.map(({ executionCount }) => executionCount));
  const held = Math.min(1, ((known.batcher?.delayUs ?? 0) * executions) / Math.max(1, inferUs));
  const share = 1 - held * Math.max(0, 1 - (busy / known.instances) ** 2);
  return {
    times: 1 / (1 - share * (1 - 1 / times)),
    waitUs: waitsInInferenceUs(known.threadWaits, Math.min(1, share * meanOthers)),
    mostWaitUs: waitsInInferenceUs(known.threadWaits, 1),
  };
}

/** An execution among those of other instances. */
interface Beside {
  readonly times: number;
  /** How many others execute meanwhile. */
  readonly meanOthers: number;
}

/** Instances that are busy for more of the time have always work. */
const ALWAYS = 0.999;
/** Of the interval in which the load is looked for: to a billionth of it. */
const HALVINGS = 30;

/**
 * What an execution has beside it where `busy` instances execute on average.
 * Requests that come as they please bring work to all instances at once, so that these are busy together more often than by
 * chance, and the longer the more they cost each other: states of a queue of as many servers, whose speed depends on how many
 * are busy (a birth-death process). What waits beyond that leaves all of them busy.
 */
function besideOthers(busy: number, { instances, self, batcher }: Instances): Beside {
  const stretch = (others: number) => 1 + (self - 1) * others;
  if (busy > ALWAYS * instances) return { times: stretch(instances - 1), meanOthers: instances - 1 };
  /** Of each number of instances that execute, from one on: its share of the time, not normed, times that number. */
  const weightsUnder = (load: number) => {
    let state = 1;
    return Array.from({ length: instances }, (_, others) => {
      const rate = (load * stretch(others)) / (others + 1);
      state *= rate;
      return (others + 1) * (others + 1 < instances ? state : state * (batcher ? 1 + rate : 1 / (1 - rate)));
    });
  };
  const busyUnder = (load: number) => {
    const weights = weightsUnder(load);
    return sum(weights) / (1 + sum(weights.map((weight, others) => weight / (others + 1))));
  };
  const mostLoad = instances / stretch(instances - 1);
  const loadOf = (share: number) => mostLoad * (batcher ? share / (1 - share) : share);
  const load = loadOf(bisect(0, 1, (share) => !(busyUnder(loadOf(share)) >= busy), HALVINGS));
  const weights = weightsUnder(load);
  const all = sum(weights);
  return {
    times: all / sum(weights.map((weight, others) => weight / stretch(others))),
    meanOthers: sum(weights.map((weight, others) => weight * others)) / all,
  };
}

/** While a thread waits for another instance, neither slows the other. */
function withoutOthers(counted: ModelStatistics, { times, waitUs, mostWaitUs }: Others): ModelStatistics {
  return withInferNs(counted, ({ count, ns }) => {
    const slowedNs = Math.max(0, ns - 2 * count * mostWaitUs * 1000) * (1 - 1 / times);
    return Math.max(ns / 2, ns - count * waitUs * 1000) - slowedNs;
  });
}
