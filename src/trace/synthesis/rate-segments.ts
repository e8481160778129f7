import type { CountsProcess, FlashCrowdProcess, RampProcess } from './process.js';
import { type RateSegment, segmentArrivals } from './rate-clock.js';

export function* rampSegments(process: RampProcess, durationS: number): Generator<RateSegment> {
  yield segment(durationS, process.fromRatePerS, process.toRatePerS);
}

/** The rate of a flash crowd, without end. */
export function* flashCrowdSegments(process: FlashCrowdProcess): Generator<RateSegment> {
  const { baseRatePerS: base, peakRatePerS: peak } = process;
  yield segment(process.startS, base, base);
  yield segment(process.rampUpS, base, peak);
  yield segment(process.holdS, peak, peak);
  yield segment(process.decayS, peak, base);
  yield segment(Infinity, base, base);
}

export function* countSegments({ counts, binS, repeat }: CountsProcess): Generator<RateSegment> {
  do {
    for (const count of counts) yield segment(binS, count / binS, count / binS);
  } while (repeat === true);
}

/** Expected arrivals of these segments from the start to `untilUs`. */
export function arrivalsUntil(segments: Iterable<RateSegment>, untilUs: number): number {
  let arrivals = 0;
  let startUs = 0;
  for (const next of segments) {
    if (startUs >= untilUs) break;
    arrivals += segmentArrivals(next, Math.min(next.lengthUs, untilUs - startUs));
    startUs += next.lengthUs;
  }
  return arrivals;
}

function segment(lengthS: number, startPerS: number, endPerS: number): RateSegment {
  return { lengthUs: lengthS * 1e6, startPerUs: startPerS / 1e6, endPerUs: endPerS / 1e6 };
}
