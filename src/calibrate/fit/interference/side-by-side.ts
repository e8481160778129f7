import { countedIn, countedPoints, type Observation, type TurnObservation } from '../../observation.js';
import { TURN_S } from '../../turns.js';
import { meanPhases, meanSingleUs, timeUs } from '../phases.js';
import { thousandths } from '../rounding.js';

/** Executions of one model alone and beside another one. */
export interface SideBySide {
  readonly aloneUs: number;
  readonly besideUs: number;
  /** Share of the time in which it was inferring. */
  readonly busyShare: number;
  readonly cycleUs: number;
}

/** Mean inference time alone with one client at that batch size, microseconds. */
export function aloneInferUs(
  observations: readonly Observation[],
  model: string,
  batchSize: number,
): number | undefined {
  const point = countedPoints(observations, 'sequential', model).find(
    ({ experiment }) => experiment.batchSize === batchSize,
  );
  return point && meanPhases(point.counted).inferUs;
}

/** Single executions of a model in turns with another one (or another instance) and without it. */
export function sideInTurns(
  turns: readonly TurnObservation[],
  model: string,
  alone: 'first' | 'second',
  { instances = 1, batchSize = 1, met: beside = 'both' as TurnObservation['turn'] } = {},
): SideBySide | undefined {
  const met = countedIn(turns, beside, model);
  const aloneUs = meanSingleUs(countedIn(turns, alone, model), batchSize);
  const besideUs = meanSingleUs(met, batchSize);
  if (aloneUs === undefined || besideUs === undefined) return undefined;
  const busyUs = timeUs(met, ['inferUs']);
  const turnUs = instances * TURN_S * 1e6;
  return { aloneUs, besideUs, busyShare: Math.min(1, busyUs / (met.length * turnUs)), cycleUs: 0 };
}

/** Executions that take less than this times as long beside others do so by the noise between runs. */
const NO_SLOWDOWN = 1.04;

/**
 * Executions are stretched only while the other one runs too.
 * @param waitUs of what they take beside the other, what the thread that executes waits to begin with
 */
export function slowdownOf(side: SideBySide, otherBusyShare: number, waitUs = 0): number {
  const { aloneUs } = side;
  const besideUs = side.besideUs - waitUs;
  if (besideUs < NO_SLOWDOWN * aloneUs) return 1;
  return thousandths(1 + (besideUs / aloneUs - 1) / Math.max(otherBusyShare, LEAST_BUSY_SHARE));
}

/** A co-runner that is busy for less counts as busy for this share: what it costs could not be told from noise. */
export const LEAST_BUSY_SHARE = 0.05;
