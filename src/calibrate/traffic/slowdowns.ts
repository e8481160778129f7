import { mean } from 'simple-statistics';
import { groupBy } from '../../base/group-by.js';
import { NORMAL_95 } from '../../metrics/statistics/normal-interval.js';
import type { CoRunning, StateTime } from './co-running.js';

/** How much longer a model's executions take beside one of another model (or of its own). */
export interface FittedSlowdown {
  /** Index of the other model. */
  readonly kind: number;
  /** ≥ 1. */
  readonly slowdown: number;
  /** Half width of its 95 % interval. */
  readonly halfWidth: number;
  /** Executions that ran beside it for some of their time. */
  readonly executions: number;
}

/** One execution of the model whose slowdowns are asked for. */
export interface SlowedExecution {
  readonly batchSize: number;
  readonly times: readonly StateTime[];
}

/** Fewer executions beside another model say nothing about it. */
const FEWEST_BESIDE = 30;
/** Rounds over the other models: each takes the others' slowdowns as they are by then. */
const ROUNDS = 12;
const MOST_EXCESS = 100;

/**
 * Slowdowns of a model beside others, from production traffic in which they ran side by side by chance.
 *
 * While n_k executions of model k run beside it, an execution advances at 1 / (1 + Σ x_k n_k) of its
 * solo speed (the law of `streams`), so the sum of its time over that factor is its solo work. The
 * excess x_k is where the work is uncorrelated, among executions of one batch size, with the mean
 * number of co-runners of model k. That share is used instead of the time spent side by side because
 * a longer execution overlaps longer by itself, which a plain regression would take for a slowdown.
 *
 * Models beside which too little ran are left out.
 */
export function fitSlowdowns(
  executions: readonly SlowedExecution[],
  states: CoRunning['states'],
): readonly FittedSlowdown[] {
  const kinds = states[0]?.length ?? 0;
  const share = (kind: number) => executions.map(({ times }) => meanCoRunners(times, states, kind));
  const known = Array.from({ length: kinds }, (_, kind) => ({ kind, beside: share(kind) })).filter(
    ({ beside }) => beside.filter((coRunners) => coRunners > 0).length >= FEWEST_BESIDE,
  );
  const excess = new Array<number>(kinds).fill(0);
  const moments = known.map(({ beside }) => momentOf(executions, states, beside));
  for (let round = 0; round < (known.length > 1 ? ROUNDS : 1); round++) {
    for (const [i, { kind }] of known.entries()) {
      excess[kind] = rootOf((x) => moments[i]!(withExcess(excess, kind, x)).value);
    }
  }
  return known.map(({ kind, beside }, i) => ({
    kind,
    slowdown: 1 + excess[kind]!,
    halfWidth: NORMAL_95 * standardError(moments[i]!, excess, kind),
    executions: beside.filter((coRunners) => coRunners > 0).length,
  }));
}

/** How many times as long as alone an execution takes in each state. */
export function slowingFactors(states: CoRunning['states'], excess: readonly number[]): readonly number[] {
  return states.map((counts) => counts.reduce((factor, count, kind) => factor + count * excess[kind]!, 1));
}

/** Solo nanoseconds of an inference phase. */
export function soloWork(times: readonly StateTime[], factors: readonly number[]): number {
  let work = 0;
  for (const { state, ns } of times) work += ns / factors[state]!;
  return work;
}

function meanCoRunners(times: readonly StateTime[], states: CoRunning['states'], kind: number): number {
  const totalNs = times.reduce((sum, { ns }) => sum + ns, 0);
  const besideNs = times.reduce((sum, { state, ns }) => sum + ns * states[state]![kind]!, 0);
  return totalNs > 0 ? besideNs / totalNs : 0;
}

interface Moment {
  readonly value: number;
  /** Sum of the squares of its terms. */
  readonly squares: number;
}

type MomentOf = (excess: readonly number[]) => Moment;

/** Covariance of solo work with the mean number of co-runners of one kind, within batch sizes. */
function momentOf(
  executions: readonly SlowedExecution[],
  states: CoRunning['states'],
  beside: readonly number[],
): MomentOf {
  const groups = groupsOf(executions).map((rows) => {
    const centre = mean(rows.map((row) => beside[row]!));
    return rows.map((row) => ({ times: executions[row]!.times, deviation: beside[row]! - centre }));
  });
  return (excess) => {
    const factors = slowingFactors(states, excess);
    let value = 0;
    let squares = 0;
    for (const group of groups) {
      const works = group.map(({ times }) => soloWork(times, factors));
      const meanWork = mean(works);
      if (!(meanWork > 0)) continue;
      for (const [i, { deviation }] of group.entries()) {
        const term = deviation * (works[i]! / meanWork - 1);
        value += term;
        squares += term * term;
      }
    }
    return { value, squares };
  };
}

/** Rows of the executions of each batch size that occurs more than once. */
function groupsOf(executions: readonly SlowedExecution[]): readonly (readonly number[])[] {
  const groups = groupBy(executions.keys(), (row) => executions[row]!.batchSize);
  return [...groups.values()].filter((rows) => rows.length > 1);
}

/** Where a falling function crosses zero between 0 and {@link MOST_EXCESS}, by bisection. */
function rootOf(value: (x: number) => number): number {
  if (value(0) <= 0) return 0;
  let low = 0;
  let high = 1;
  while (value(high) > 0 && high < MOST_EXCESS) high *= 2;
  while (high - low > 1e-4 * (1 + low)) {
    const middle = (low + high) / 2;
    if (value(middle) > 0) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Standard error of the root of a sum of independent terms: the root of the sum of their squares, over the slope of the sum. */
function standardError(moment: MomentOf, excess: readonly number[], kind: number): number {
  const step = 1e-3 * (1 + excess[kind]!);
  const at = moment(excess);
  const slope = (moment(withExcess(excess, kind, excess[kind]! + step)).value - at.value) / step;
  return Math.sqrt(at.squares) / Math.abs(slope);
}

function withExcess(excess: readonly number[], kind: number, value: number): readonly number[] {
  return excess.map((each, i) => (i === kind ? value : each));
}
