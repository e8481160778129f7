import { RandomStreams } from '../../../src/base/random.js';
import { generateTrace, tenantRandoms } from '../../../src/trace/synthesis/generate.js';
import type { ArrivalProcess } from '../../../src/trace/synthesis/process.js';

/** Arrivals in whole microseconds of one process, from a seed. */
export function arrivalsOf(
  process: ArrivalProcess,
  durationS: number,
  seed: number | string = 1,
): Float64Array {
  const randoms = tenantRandoms(new RandomStreams(seed), 'a');
  return generateTrace({ tenant: 'a', process, durationS, ...randoms }).arrivalUs;
}

/** Number of arrivals in each window of `windowS`. */
export function countsPerWindow(arrivalUs: Float64Array, durationS: number, windowS: number): Float64Array {
  const counts = new Float64Array(Math.floor(durationS / windowS));
  for (const us of arrivalUs) {
    const window = Math.floor(us / (windowS * 1e6));
    if (window < counts.length) counts[window]! += 1;
  }
  return counts;
}

/** One of each kind, all with about 100 requests per second over 100 s. */
export const EXAMPLES: readonly ArrivalProcess[] = [
  { kind: 'constant', ratePerS: 100 },
  { kind: 'constant', ratePerS: 100, phase: 0 },
  { kind: 'poisson', ratePerS: 100 },
  { kind: 'gamma', ratePerS: 100, cv: 0.3 },
  { kind: 'gamma', ratePerS: 100, cv: 3 },
  { kind: 'weibull', ratePerS: 100, cv: 0.3 },
  { kind: 'weibull', ratePerS: 100, cv: 3 },
  {
    kind: 'mmpp',
    states: [
      { ratePerS: 50, meanDwellS: 2 },
      { ratePerS: 150, meanDwellS: 1 },
      { ratePerS: 200, meanDwellS: 0.5 },
    ],
  },
  { kind: 'bursty', ratePerS: 100, burstRatio: 5, burstShare: 0.2, meanBurstS: 1 },
  { kind: 'onOff', onRatePerS: 300, meanOnS: 1, meanOffS: 2 },
  { kind: 'diurnal', meanRatePerS: 100, amplitude: 0.7, periodS: 24, peakAtS: 14 },
  {
    kind: 'diurnal',
    meanRatePerS: 100,
    amplitude: 1,
    periodS: 10,
    peakAtS: 3,
    gaps: { law: 'gamma', cv: 2 },
  },
  {
    kind: 'flashCrowd',
    baseRatePerS: 50,
    peakRatePerS: 300,
    startS: 30,
    rampUpS: 5,
    holdS: 10,
    decayS: 10,
  },
  { kind: 'ramp', fromRatePerS: 0, toRatePerS: 200 },
  { kind: 'ramp', fromRatePerS: 180, toRatePerS: 20, gaps: { law: 'weibull', cv: 0.5 } },
  { kind: 'counts', counts: [0, 100, 300, 0, 40], binS: 1, repeat: true },
  { kind: 'counts', counts: [2000, 0, 6000], binS: 30, gaps: { law: 'constant' } },
];

export const exampleName = (process: ArrivalProcess): string => {
  const { kind, ...fields } = process;
  return `${kind} ${JSON.stringify(fields)}`;
};
