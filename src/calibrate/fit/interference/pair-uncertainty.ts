import { mean, sampleStandardDeviation } from 'simple-statistics';
import { NORMAL_95 } from '../../../metrics/statistics/normal-interval.js';
import { studentTQuantile } from '../../../metrics/statistics/student-t.js';
import type { Observation, TurnObservation } from '../../observation.js';
import type { Turn } from '../../turns.js';
import { phasesByBatch } from '../phases.js';
import { thousandths } from '../rounding.js';
import { coefficientOfVariation, sequentialPhases } from '../service/service.js';
import { type PairFit, pointTogether, sidesTogether } from './interference.js';
import { LEAST_BUSY_SHARE } from './side-by-side.js';

/** What two models did to each other, and how well that is known. */
export interface KnownPair extends PairFit {
  /** Half the width of the 95 % interval of each slowdown that was measured in turns with the other and without it. */
  readonly within?: { readonly slowdown?: number; readonly otherSlowdown?: number };
}

/** @param waiting models whose slowdowns are 1 by what they are, whatever was measured */
export function howWellKnown(
  pair: PairFit,
  observations: readonly Observation[],
  waiting: ReadonlySet<string>,
): KnownPair {
  const point = pair.turns ? undefined : pointTogether(observations, pair);
  const sides = point && sidesTogether(point, point.experiment);
  if (point === undefined || sides === undefined) return pair;
  const of = (model: string) => {
    if (waiting.has(model)) return undefined;
    const isFirst = model === point.experiment.model;
    return slowdownUncertainty(point.turns ?? [], model, isFirst ? 'first' : 'second', {
      scatter: coefficientOfVariation(sequentialPhases(observations, model)),
      otherBusyShare: sides[isFirst ? 1 : 0].busyShare,
    });
  };
  const [slowdown, otherSlowdown] = [of(pair.model), of(pair.other)];
  return {
    ...pair,
    within: {
      ...(slowdown !== undefined && { slowdown }),
      ...(otherSlowdown !== undefined && { otherSlowdown }),
    },
  };
}

/** With fewer cycles of turns it is not known how they differ. */
const LEAST_CYCLES = 3;

/**
 * Half the width of the 95 % interval of a slowdown that was measured in turns with another model and without it: what so many
 * executions tell of their mean, or what one cycle of turns differs from the next where there are a few and that is more.
 * Undefined where one of the two was never seen.
 * @param scatter coefficient of variation of single executions
 * @param otherBusyShare for how much of the time the other model executed
 */
function slowdownUncertainty(
  turns: readonly TurnObservation[],
  model: string,
  alone: 'first' | 'second',
  { scatter, otherBusyShare }: { readonly scatter: number; readonly otherBusyShare: number },
): number | undefined {
  const [met, own] = (['both', alone] as const).map((turn) => singlesIn(turns, model, turn));
  const [together, without] = [addUp(met!), addUp(own!)];
  if (together.executions === 0 || without.executions === 0) return undefined;
  const times = together.us / together.executions / (without.us / without.executions);
  const byExecutions =
    NORMAL_95 * scatter * Math.hypot(together.executions ** -0.5, without.executions ** -0.5);
  const relative = Math.max(byExecutions, byCycles(met!, own!));
  return thousandths((times * relative) / Math.max(otherBusyShare, LEAST_BUSY_SHARE));
}

/** Single executions of one turn, or of several. */
interface Singles {
  readonly executions: number;
  readonly us: number;
}

function singlesIn(turns: readonly TurnObservation[], model: string, wanted: Turn): Singles[] {
  return turns
    .filter(({ turn }) => turn === wanted)
    .map(({ statistics }) => {
      const counted = statistics.filter((each) => each.model === model);
      const rows = counted.flatMap(phasesByBatch).filter(({ batchSize }) => batchSize === 1);
      return addUp(rows.map(({ executions, inferUs }) => ({ executions, us: executions * inferUs })));
    });
}

function addUp(singles: readonly Singles[]): Singles {
  return singles.reduce(
    (sum, { executions, us }) => ({ executions: sum.executions + executions, us: sum.us + us }),
    { executions: 0, us: 0 },
  );
}

/**
 * Relative half width of the 95 % interval of the ratio of both to alone, from how the cycles differ in it; 0 where there are
 * too few.
 */
function byCycles(met: readonly Singles[], own: readonly Singles[]): number {
  const ratios = met.flatMap((both, i) => {
    const alone = own[i];
    if (alone === undefined || alone.executions === 0 || both.executions === 0) return [];
    return [both.us / both.executions / (alone.us / alone.executions)];
  });
  if (ratios.length < LEAST_CYCLES) return 0;
  const t = studentTQuantile(0.975, ratios.length - 1);
  return (t * sampleStandardDeviation(ratios)) / Math.sqrt(ratios.length) / mean(ratios);
}
