import { InputError } from '../../base/problem.js';
import type { Random } from '../../base/random.js';
import { DiurnalClock } from './diurnal-clock.js';
import { burstyStates, mmppSegments, onOffStates } from './mmpp.js';
import type {
  ArrivalProcess,
  BurstyProcess,
  CountsProcess,
  FlashCrowdProcess,
  Gaps,
  MmppProcess,
  OnOffProcess,
  RampProcess,
} from './process.js';
import { constantRateClock, type RateClock, type RateSegment, SegmentClock } from './rate-clock.js';
import { countSegments, flashCrowdSegments, rampSegments } from './rate-segments.js';
import { type UnitGaps, unitGaps } from './unit-gaps.js';
import { validateProcess } from './validate-process.js';

/** Arrivals a block at a time, for runs too long to hold in memory. */
export interface ArrivalStream {
  /**
   * Writes the next arrivals, whole microseconds in order, and returns how many: fewer than fit
   * only when there are no more.
   */
  fill(into: Float64Array): number;
}

export interface ArrivalOptions {
  readonly process: ArrivalProcess;
  /** Arrivals lie in [0, durationS). Infinity is possible for all but a ramp. */
  readonly durationS: number;
  /** Used for nothing else, so that these arrivals depend only on its seed and name. */
  readonly random: Random;
  /** Stops after so many. Default: no limit. */
  readonly maxRequests?: number;
}

/**
 * The arrivals of a process. They do not depend on the sizes of the blocks in which they are asked
 * for.
 * @throws InputError if the process or the duration makes no sense
 */
export function arrivalStream(options: ArrivalOptions): ArrivalStream {
  checkOptions(options);
  return checkedStream(options);
}

/** The same of options that have been checked: with many tenants checks take longer than their first arrivals. */
export function checkedStream({
  process,
  durationS,
  random,
  maxRequests = Infinity,
}: ArrivalOptions): ArrivalStream {
  const clock = rateClock(process, durationS, random);
  const gaps = unitGaps(gapsOf(process), random);
  return new RenewalStream({ gaps, clock, endUs: Math.round(durationS * 1e6), maxRequests });
}

/** A renewal process in operational time, seen through a clock. */
class RenewalStream implements ArrivalStream {
  readonly #gaps: UnitGaps;
  readonly #clock: RateClock;
  readonly #endUs: number;
  #requestsLeft: number;
  /** Operational time of the next arrival. Kept unrounded: only what is written out is whole. */
  #expectedArrivals: number;

  constructor(parts: { gaps: UnitGaps; clock: RateClock; endUs: number; maxRequests: number }) {
    this.#gaps = parts.gaps;
    this.#clock = parts.clock;
    this.#endUs = parts.endUs;
    this.#requestsLeft = parts.maxRequests;
    this.#expectedArrivals = parts.gaps.first();
  }

  fill(into: Float64Array): number {
    const room = Math.min(into.length, this.#requestsLeft);
    let count = 0;
    for (; count < room; count++) {
      const arrivalUs = Math.round(this.#clock.timeUs(this.#expectedArrivals));
      if (arrivalUs >= this.#endUs) {
        this.#requestsLeft = count;
        break;
      }
      into[count] = arrivalUs;
      this.#expectedArrivals += this.#gaps.next();
    }
    this.#requestsLeft -= count;
    return count;
  }
}

function rateClock(process: ArrivalProcess, durationS: number, random: Random): RateClock {
  switch (process.kind) {
    case 'constant':
    case 'poisson':
    case 'gamma':
    case 'weibull':
      return constantRateClock(process.ratePerS);
    case 'diurnal':
      return new DiurnalClock(process);
    default:
      return new SegmentClock(rateSegments(process, durationS, random), durationS * 1e6);
  }
}

type SegmentedProcess =
  | MmppProcess
  | BurstyProcess
  | OnOffProcess
  | FlashCrowdProcess
  | RampProcess
  | CountsProcess;

function rateSegments(process: SegmentedProcess, durationS: number, random: Random): Iterator<RateSegment> {
  switch (process.kind) {
    case 'mmpp':
      return mmppSegments(process.states, random);
    case 'bursty':
      return mmppSegments(burstyStates(process), random);
    case 'onOff':
      return mmppSegments(onOffStates(process), random);
    case 'flashCrowd':
      return flashCrowdSegments(process);
    case 'ramp':
      return rampSegments(process, durationS);
    case 'counts':
      return countSegments(process);
  }
}

function gapsOf(process: ArrivalProcess): Gaps {
  switch (process.kind) {
    case 'constant':
      return process.phase === undefined ? { law: 'constant' } : { law: 'constant', phase: process.phase };
    case 'gamma':
    case 'weibull':
      return { law: process.kind, cv: process.cv };
    case 'poisson':
    case 'mmpp':
    case 'bursty':
    case 'onOff':
      return { law: 'exponential' };
    case 'diurnal':
    case 'flashCrowd':
    case 'ramp':
    case 'counts':
      return process.gaps ?? { law: 'exponential' };
  }
}

/** @throws InputError with everything that makes no sense */
export function checkOptions({
  process,
  durationS,
  maxRequests = Infinity,
}: Omit<ArrivalOptions, 'random'>): void {
  const problems = [...validateProcess(process, 'process')];
  if (!(durationS > 0)) problems.push({ path: 'durationS', what: `must be more than 0, is ${durationS}` });
  if (durationS === Infinity && process.kind === 'ramp') {
    problems.push({ path: 'durationS', what: 'must be finite for a ramp, which takes the whole trace' });
  }
  if (!(maxRequests >= 0 && (Number.isInteger(maxRequests) || maxRequests === Infinity))) {
    problems.push({ path: 'maxRequests', what: `must be a whole number from 0, is ${maxRequests}` });
  }
  if (problems.length > 0) throw new InputError(problems);
}
