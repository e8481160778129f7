import { diurnalArrivals } from './diurnal-clock.js';
import { mmppMeanRatePerS, onOffStates } from './mmpp.js';
import type { ArrivalProcess, CountsProcess } from './process.js';
import { arrivalsUntil, countSegments, flashCrowdSegments, rampSegments } from './rate-segments.js';

/**
 * The rate a process offers over the first `durationS` seconds: expected requests divided by
 * `durationS`, in requests per second. This is what a generated trace holds on average, exactly.
 */
export function meanRatePerS(process: ArrivalProcess, durationS: number): number {
  const untilUs = durationS * 1e6;
  switch (process.kind) {
    case 'constant':
    case 'poisson':
    case 'gamma':
    case 'weibull':
    case 'bursty':
      return process.ratePerS;
    case 'mmpp':
      return mmppMeanRatePerS(process.states);
    case 'onOff':
      return mmppMeanRatePerS(onOffStates(process));
    case 'diurnal':
      return diurnalArrivals(process, durationS) / durationS;
    case 'flashCrowd':
      return arrivalsUntil(flashCrowdSegments(process), untilUs) / durationS;
    case 'ramp':
      return arrivalsUntil(rampSegments(process, durationS), untilUs) / durationS;
    case 'counts':
      return countedArrivals(process, untilUs) / durationS;
  }
}

/** Whole rounds at once, so that a short profile repeated over years costs no more. */
function countedArrivals(process: CountsProcess, untilUs: number): number {
  const round = countSegments({ ...process, repeat: false });
  if (process.repeat !== true) return arrivalsUntil(round, untilUs);
  const roundUs = process.counts.length * process.binS * 1e6;
  const rounds = Math.floor(untilUs / roundUs);
  const total = process.counts.reduce((sum, count) => sum + count, 0);
  return rounds * total + arrivalsUntil(round, untilUs - rounds * roundUs);
}
