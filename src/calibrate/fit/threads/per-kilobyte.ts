import { linearRegression, mean, median } from 'simple-statistics';

/** As profiles and the simulator count payloads. */
export const KILOBYTE = 1024;

/** What was measured of a single client's requests or responses of one size. */
export interface SizedTime {
  readonly kilobytes: number;
  readonly us: number;
}

export interface PerKilobyte {
  /** 0 where the points do not show it. */
  readonly us: number;
  /** Whether the points show it, or show that it does not matter. */
  readonly isKnown: boolean;
}

/** Sizes differ by at least so much where bytes can show. A memory copies a kilobyte in less than a microsecond. */
const LEAST_KILOBYTES = 1;
/** Times of two points differ by at least so much by chance, as a part of them. */
const LEAST_NOISE = 0.02;
/** Standard errors from nothing at which a slope is one. */
const SIGNIFICANT = 3;

/**
 * Slope of a time over the size that was carried, at one caller.
 * @param negligibleUs what the kilobytes of the smallest point may take without anybody noticing
 */
export function fitPerKilobyte(points: readonly SizedTime[], negligibleUs: number): PerKilobyte {
  const sizes = points.map(({ kilobytes }) => kilobytes);
  const spread = sizes.reduce((sum, each) => sum + (each - mean(sizes)) ** 2, 0);
  if (points.length < 2) return { us: 0, isKnown: false };
  // So few bytes take no time: what grows with them grows with the inferences.
  if (Math.max(...sizes) - Math.min(...sizes) < LEAST_KILOBYTES) return { us: 0, isKnown: true };
  const { m, b } = linearRegression(points.map(({ kilobytes, us }): [number, number] => [kilobytes, us]));
  const squares = points.reduce((sum, { kilobytes, us }) => sum + (us - b - m * kilobytes) ** 2, 0);
  const byResiduals = Math.sqrt(squares / Math.max(1, points.length - 2));
  const noiseUs = Math.max(byResiduals, LEAST_NOISE * median(points.map(({ us }) => us)));
  const error = noiseUs / Math.sqrt(spread);
  if (m > SIGNIFICANT * error) return { us: m, isKnown: true };
  return { us: 0, isKnown: SIGNIFICANT * error * Math.min(...sizes) <= negligibleUs };
}
