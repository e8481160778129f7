import type { ModelStatistics } from '../../live/inference-client.js';
import type { ThreadWaits } from '../../profile/serving.js';
import type { Observation, TurnObservation } from '../observation.js';
import { TURN_S } from '../turns.js';
import { timeUs } from './phases.js';
import { waitsInInferenceUs } from './thread-waits.js';

/** What instances of a model do to each other. */
export interface Instances {
  readonly instances: number;
  /** How many times as long an execution takes beside one of another instance; 1 = nothing. */
  readonly self: number;
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
    const { kind } = observation.experiment;
    if (kind === 'poisson' || kind === 'alone') return withoutOverlap(observation, model, known);
    return kind === 'together'
      ? { ...observation, ...turnsWithoutOverlap(observation, model, known) }
      : observation;
  });
}

function withoutOverlap(observation: Observation, model: string, known: Instances): Observation {
  const { statistics, slices, durationS } = observation;
  const others = othersOf(statistics, model, durationS, known);
  const alone = (each: ModelStatistics) => (each.model === model ? withoutOthers(each, others) : each);
  return {
    ...observation,
    statistics: statistics.map(alone),
    ...(slices !== undefined && { slices: slices.map(alone) }),
  };
}

function turnsWithoutOverlap(
  { turns }: Observation,
  model: string,
  known: Instances,
): { readonly turns?: readonly TurnObservation[] } {
  if (turns === undefined) return {};
  const countedIn = (turn: string) => turns.filter((each) => each.turn === turn);
  const othersIn = new Map(
    [...new Set(turns.map(({ turn }) => turn))].map((turn) => {
      const own = countedIn(turn);
      const statistics = own.flatMap((each) => each.statistics);
      return [turn, othersOf(statistics, model, own.length * TURN_S, known)];
    }),
  );
  return {
    turns: turns.map((each) => ({
      ...each,
      statistics: each.statistics.map((counted) =>
        counted.model === model ? withoutOthers(counted, othersIn.get(each.turn)!) : counted,
      ),
    })),
  };
}

/** What the other instances do to an inference. */
interface Others {
  readonly times: number;
  readonly waitUs: number;
}

/** Each of the other instances infers for so much of the time. */
function othersOf(
  statistics: readonly ModelStatistics[],
  model: string,
  durationS: number,
  { instances, self, threadWaits }: Instances,
): Others {
  const own = statistics.filter((each) => each.model === model);
  const busyShare = Math.min(1, timeUs(own, ['inferUs']) / (instances * durationS * 1e6));
  const othersBusy = (instances - 1) * busyShare;
  return {
    times: 1 + (self - 1) * othersBusy,
    waitUs: waitsInInferenceUs(threadWaits, Math.min(1, othersBusy)),
  };
}

/** Only by batch size: what requests took as a whole is as it was. */
function withoutOthers(counted: ModelStatistics, { times, waitUs }: Others): ModelStatistics {
  return {
    ...counted,
    batches: counted.batches.map((batch) => {
      const { count, ns } = batch.computeInfer;
      const aloneNs = Math.max(ns / 2, ns - count * waitUs * 1000) / times;
      return { ...batch, computeInfer: { count, ns: Math.round(aloneNs) } };
    }),
  };
}
