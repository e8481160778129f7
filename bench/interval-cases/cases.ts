import { Random } from '../../src/base/random.js';
import { quantiles } from '../../src/metrics/statistics/quantiles.js';
import type { Scenario } from '../../src/scenario/scenario.js';
import { simulate } from '../../src/simulator/simulate.js';
import { arrivals, config, profile, scenario, server, tenant } from '../../test/support/scenario.js';

const SERVICE_MS = 10;
/** Requests before those that count: the systems begin empty. */
const LEAD = 3000;
/** Requests of the run that tells the truth where no formula does. */
const TRUTH_REQUESTS = 4_000_000;

/** A load and what is true of it. */
export interface IntervalCase {
  readonly name: string;
  readonly percentile: number;
  /** At the percentile: the SLO's limit, so that the true attainment is the percentile. */
  readonly limitMs: number;
  readonly meanMs: number;
  readonly ratePerS: number;
  /** One run of so many counted requests. */
  readonly scenarioOf: (requests: number, seed: number) => Scenario;
}

/** Gaps between arrivals in units of the mean service time. */
type Gaps = (random: Random) => () => number;

interface Sketch {
  readonly name: string;
  readonly percentile: number;
  readonly gaps: Gaps;
  /** Requests per mean service time. */
  readonly rate: number;
  /** Utilisation, where it is M/M/1 and theory tells the truth. */
  readonly load?: number;
  readonly maxBatchSize?: number;
  readonly perItemMs?: number;
  readonly spread?: 'exponential' | 'none';
}

export function* intervalCases(): Generator<IntervalCase> {
  for (const sketch of SKETCHES) yield caseOf(sketch);
}

const SKETCHES: readonly Sketch[] = [
  mm1('M/M/1 at 30 %', 0.3, 99.9),
  mm1('M/M/1 at 50 %', 0.5, 99),
  mm1('M/M/1 at 80 %', 0.8, 99),
  mm1('M/M/1 at 90 %', 0.9, 99),
  {
    name: 'bursts (MMPP)',
    percentile: 95,
    rate: 0.48,
    spread: 'none',
    gaps: (random) => switchedGaps(random, [0.3, 1.2], [240, 60]),
  },
  {
    name: 'batches up to 8',
    percentile: 99,
    rate: 2.2,
    gaps: poissonGaps(2.2),
    maxBatchSize: 8,
    perItemMs: 2,
  },
];

function mm1(name: string, load: number, percentile: number): Sketch {
  return { name, percentile, rate: load, load, gaps: poissonGaps(load) };
}

function poissonGaps(rate: number): Gaps {
  return (random) => () => -Math.log(random.nextOpen()) / rate;
}

/** Of a Poisson process that changes between two rates after exponential times of these means. */
function switchedGaps(random: Random, rates: readonly [number, number], stays: readonly [number, number]) {
  let state: 0 | 1 = 0;
  let left = -Math.log(random.nextOpen()) * stays[0];
  return () => {
    let gap = 0;
    for (;;) {
      const next = -Math.log(random.nextOpen()) / rates[state];
      if (next < left) {
        left -= next;
        return gap + next;
      }
      gap += left;
      state = state === 0 ? 1 : 0;
      left = -Math.log(random.nextOpen()) * stays[state];
    }
  };
}

function caseOf(sketch: Sketch): IntervalCase {
  const { name, percentile, load, rate } = sketch;
  const truth = load === undefined ? simulatedTruth(sketch) : theory(load, percentile);
  return {
    name,
    percentile,
    ...truth,
    ratePerS: (1000 * rate) / SERVICE_MS,
    scenarioOf: (requests, seed) => scenarioOf(sketch, truth.limitMs, requests, seed),
  };
}

/** The time in an M/M/1 system is exponential. */
function theory(load: number, percentile: number) {
  const meanMs = SERVICE_MS / (1 - load);
  return { meanMs, limitMs: -meanMs * Math.log(1 - percentile / 100) };
}

function simulatedTruth(sketch: Sketch) {
  const { log } = simulate(scenarioOf(sketch, 1, TRUTH_REQUESTS, 0));
  const latenciesMs = log.endedUs
    .map((endedUs, row) => (endedUs - log.plannedUs[row]!) / 1000)
    .subarray(LEAD);
  const known = latenciesMs.filter((ms) => !Number.isNaN(ms));
  return {
    meanMs: known.reduce((sum, ms) => sum + ms, 0) / known.length,
    limitMs: quantiles(known, [sketch.percentile / 100])[0]!,
  };
}

function scenarioOf(sketch: Sketch, limitMs: number, requests: number, seed: number): Scenario {
  const { maxBatchSize = 1, perItemMs = 0, spread = 'exponential', percentile } = sketch;
  const law =
    perItemMs > 0 || spread === 'none' ? { law: 'none' as const } : { law: 'gamma' as const, cv: 1 };
  const nextGap = sketch.gaps(new Random(seed, requests, 7));
  let atUs = 0;
  const times = Float64Array.from({ length: LEAD + requests }, () => {
    atUs += nextGap() * SERVICE_MS * 1000;
    return Math.round(atUs);
  });
  const model = {
    config: config('m', maxBatchSize, maxBatchSize > 1 ? {} : undefined),
    profile: profile('m', SERVICE_MS, perItemMs, { spread: law }),
  };
  const promised = tenant('t', 'm', arrivals(times), { slo: { percentile, limitMs } });
  const warmUpUs = times[LEAD]!;
  return scenario([server('s', { models: [model] })], [promised], times.at(-1)! / 1e6, { seed, warmUpUs });
}
