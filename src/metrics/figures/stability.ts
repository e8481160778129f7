import { mean, median } from 'simple-statistics';
import { Outcome } from '../../trace/request-log.js';
import { independentUncertainty } from '../statistics/intervals.js';
import { studentTQuantile } from '../statistics/student-t.js';
import type { Stability } from '../summary.js';
import { Occupancy } from './occupancy.js';

const SLICES = 32;
/** One-sided chance of calling a queue without drift overloaded. */
const GROWTH_SIGNIFICANCE = 0.005;
/** Growth of less than this share of the offered requests is not worth a verdict. */
const GROWTH_SHARE = 0.005;
/** Refusing or timing out more than this share is being overloaded, however short the queue is kept. */
const SHED_SHARE = 0.05;
/** A backlog worth naming: this share of the offered requests … */
const BACKLOG_SHARE = 0.01;
/** … and as many times what the window usually held, plus a few requests. */
const BACKLOG_FACTOR = 2;
const BACKLOG_SPARE = 10;
/** As well one that grew in the second half by this share of what was offered in it; what it tells apart is in test/metrics/stability. */
const LATE_GROWTH_SHARE = 0.05;
/** A request held back at the client for more than this share of its latency met a full cap. */
const HELD_BACK_SHARE = 0.1;

/** The verdicts from best to worst. */
export const SEVERITY: readonly Stability[] = ['stable', 'backlogged', 'overloaded'];

export function isWorse(verdict: Stability, than: Stability): boolean {
  return SEVERITY.indexOf(verdict) > SEVERITY.indexOf(than);
}

export interface StabilityVerdict {
  readonly verdict: Stability;
  /** The reason with its numbers, as the end of a sentence about the tenant; empty when stable. */
  readonly reason: string;
}

/**
 * Whether the system keeps up with what is offered in the window from `fromUs` to the end: added request by request, for who
 * goes through the requests anyway.
 *
 * - overloaded: the number of requests in the system grows by the same amount slice after slice
 *   (significantly so), or more than 5 % of the requests are refused or time out.
 * - backlogged: it does not grow steadily, yet at the end far more are waiting than usual in the window, or than at half time;
 *   or most requests are held back at the client (by a cap on requests in flight, say), and still it keeps up.
 * - stable: neither.
 *
 * Growth is tested on the increments from slice to slice, not by regression of the level: the level of
 * a queue near saturation wanders like a random walk, in which regression finds trends that are not
 * there (Granger & Newbold, J. Econometrics 2, 1974). The increments of a queue that keeps up cancel
 * out, so that it is hardly ever called overloaded.
 */
export class StabilityTally {
  readonly #fromUs: number;
  readonly #endUs: number;
  readonly #occupancy: Occupancy;
  #offered = 0;
  #shed = 0;
  #heldBack = 0;

  constructor(fromUs: number, endUs: number) {
    this.#fromUs = fromUs;
    this.#endUs = endUs;
    this.#occupancy = new Occupancy({ fromUs, toUs: endUs, slices: SLICES });
  }

  /** @param left when it was no longer in the system, as `leftAtUs` tells */
  add(planned: number, sent: number, left: number, became: number): void {
    this.#occupancy.add(planned, left);
    if (planned < this.#fromUs || planned > this.#endUs) return;
    this.#offered++;
    if (became === Outcome.rejected || became === Outcome.timedOut) this.#shed++;
    // One that is sent as planned, which is the rule, is not held back.
    if (sent === planned) return;
    const heldUs = (Number.isNaN(sent) ? this.#endUs : sent) - planned;
    if (heldUs > HELD_BACK_SHARE * (Math.min(left, this.#endUs) - planned)) this.#heldBack++;
  }

  /** Of the requests that were added. */
  verdict(): StabilityVerdict {
    const [offered, shed, heldBack] = [this.#offered, this.#shed, this.#heldBack];
    if (offered === 0) return STABLE;
    const levels = this.#occupancy.atEdges();
    const growth = levels.at(-1)! - levels[0]!;
    if (isShedding(shed, offered)) {
      return {
        verdict: 'overloaded',
        reason: `${percent(shed / offered)} of its requests were refused or timed out`,
      };
    }
    if (growth > GROWTH_SHARE * offered && growsSteadily(levels)) {
      const share = percent(growth / offered);
      return {
        verdict: 'overloaded',
        reason: `${growth} of ${offered} requests (${share}) piled up, steadily`,
      };
    }
    if (isBacklog(levels, offered, median(this.#occupancy.means()))) {
      return {
        verdict: 'backlogged',
        reason: `${levels.at(-1)} of ${offered} requests were waiting at the end`,
      };
    }
    if (heldBack > offered / 2) {
      const share = percent(heldBack / offered);
      return {
        verdict: 'backlogged',
        reason: `${share} of its requests were held back at the client, by a cap on requests in flight or a load generator that fell behind`,
      };
    }
    return STABLE;
  }
}

/** Whether so many are refused or time out that this is being overloaded: what is kept short by it need not grow. */
export function isShedding(shed: number, offered: number): boolean {
  return shed > SHED_SHARE * offered && shed > BACKLOG_SPARE;
}

export const STABLE: StabilityVerdict = { verdict: 'stable', reason: '' };

function growsSteadily(levels: readonly number[]): boolean {
  const increments = levels.slice(1).map((level, i) => level - levels[i]!);
  const { standardError, degrees } = independentUncertainty(increments);
  const secondHalf = mean(increments.slice(increments.length / 2));
  const threshold = studentTQuantile(1 - GROWTH_SIGNIFICANCE, degrees) * standardError;
  return mean(increments) > threshold && secondHalf > mean(increments) / 2;
}

function isBacklog(levels: readonly number[], offered: number, usual: number): boolean {
  const atEnd = levels.at(-1)!;
  const lateGrowth = atEnd - levels[levels.length >> 1]!;
  if (lateGrowth > (LATE_GROWTH_SHARE * offered) / 2 + BACKLOG_SPARE) return true;
  return atEnd > BACKLOG_SHARE * offered && atEnd > BACKLOG_FACTOR * usual + BACKLOG_SPARE;
}

function percent(share: number): string {
  return `${Number((100 * share).toPrecision(3))} %`;
}
