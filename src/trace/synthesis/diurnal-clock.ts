import type { DiurnalProcess } from './process.js';
import type { RateClock } from './rate-clock.js';

/** Answers are exact to this; far below the microsecond to which arrivals are rounded. */
const TOLERANCE_US = 1e-4;
/** No angle is known better than this part of itself. */
const ROUNDING = 2 ** -50;

/**
 * The clock of a cosine rate. With the angle θ = 2π (t - peakAt) / period, so many expected arrivals
 * are reached where θ + a sin θ = M for an M that grows with them: Kepler's equation. Newton's method
 * from the angle of the arrival before needs one or two steps; a bracket catches it where the rate
 * comes near 0 (Press et al., "Numerical recipes", rtsafe).
 */
export class DiurnalClock implements RateClock {
  readonly #amplitude: number;
  readonly #peakAtUs: number;
  readonly #anglePerUs: number;
  readonly #anglePerArrival: number;
  readonly #meanAnomalyAtStart: number;
  #angle: number;

  constructor(process: DiurnalProcess) {
    this.#amplitude = process.amplitude;
    this.#peakAtUs = (process.peakAtS % process.periodS) * 1e6;
    this.#anglePerUs = (2 * Math.PI) / (process.periodS * 1e6);
    this.#anglePerArrival = (2 * Math.PI) / (process.periodS * process.meanRatePerS);
    this.#angle = -this.#peakAtUs * this.#anglePerUs;
    this.#meanAnomalyAtStart = this.#angle + this.#amplitude * Math.sin(this.#angle);
  }

  timeUs(expectedArrivals: number): number {
    const meanAnomaly = this.#meanAnomalyAtStart + expectedArrivals * this.#anglePerArrival;
    this.#angle = this.#solve(meanAnomaly);
    return Math.max(0, this.#angle / this.#anglePerUs + this.#peakAtUs);
  }

  /** The θ with θ + a sin θ = M, not before the present one. */
  #solve(meanAnomaly: number): number {
    const amplitude = this.#amplitude;
    const tolerance = Math.max(TOLERANCE_US * this.#anglePerUs, ROUNDING * Math.abs(meanAnomaly));
    let low = Math.max(this.#angle, meanAnomaly - amplitude);
    let high = Math.max(low, meanAnomaly + amplitude);
    let angle = low;
    for (let i = 0; i < 100; i++) {
      const excess = angle + amplitude * Math.sin(angle) - meanAnomaly;
      if (excess === 0) break;
      if (excess > 0) high = angle;
      else low = angle;
      const newton = angle - excess / (1 + amplitude * Math.cos(angle));
      const next = newton >= low && newton <= high ? newton : (low + high) / 2;
      const step = Math.abs(next - angle);
      angle = next;
      if (step <= tolerance || high - low <= tolerance) break;
    }
    return angle;
  }
}

/** Expected arrivals of a cosine rate in the first `durationS` seconds. */
export function diurnalArrivals(process: DiurnalProcess, durationS: number): number {
  const { meanRatePerS, amplitude, periodS, peakAtS } = process;
  const anglePerS = (2 * Math.PI) / periodS;
  const swing = Math.sin(anglePerS * (durationS - peakAtS)) + Math.sin(anglePerS * peakAtS);
  return meanRatePerS * (durationS + (amplitude / anglePerS) * swing);
}
