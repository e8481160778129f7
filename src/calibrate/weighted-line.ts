import { studentTQuantile } from '../metrics/statistics/student-t.js';

/** A point that a line is laid through; `weight` is in proportion to one over its variance. */
export interface WeightedPoint {
  readonly x: number;
  readonly y: number;
  readonly weight: number;
}

/** y = intercept + slope x, neither of them below 0. */
export interface FittedLine {
  readonly intercept: number;
  readonly slope: number;
  /** Half width of the 95 % interval of the line at `x`; NaN where two points or fewer leave nothing over. */
  halfWidthAt(x: number): number;
}

/**
 * Weighted least squares (Draper & Smith, Applied Regression Analysis, 9.2) for a cost that has a
 * fixed part and a part per unit. Where the free line would have a negative part, that part is 0. With
 * all points at one x the cost there is all fixed: nothing is known of its slope.
 */
export function fitLine(points: readonly WeightedPoint[]): FittedLine {
  const { weight, meanX, meanY, spreadX, crossXY } = momentsOf(points);
  if (!(spreadX > 0)) return constant(points, meanY);
  const free = crossXY / spreadX;
  const through = throughOrigin(points);
  const slope = free < 0 ? 0 : Math.min(free, through);
  const intercept = free < 0 ? meanY : Math.max(0, meanY - slope * meanX);
  const degrees = points.length - 2;
  const t = studentTQuantile(0.975, degrees);
  const squares = points.reduce((sum, { x, y, weight: w }) => sum + w * (y - intercept - slope * x) ** 2, 0);
  const variance = degrees > 0 ? squares / degrees : Number.NaN;
  return {
    intercept,
    slope,
    halfWidthAt: (x) => t * Math.sqrt(variance * (1 / weight + (x - meanX) ** 2 / spreadX)),
  };
}

function constant(points: readonly WeightedPoint[], meanY: number): FittedLine {
  const degrees = points.length - 1;
  const weight = points.reduce((sum, point) => sum + point.weight, 0);
  const squares = points.reduce((sum, { y, weight: w }) => sum + w * (y - meanY) ** 2, 0);
  const half = studentTQuantile(0.975, degrees) * Math.sqrt(squares / degrees / weight);
  return { intercept: meanY, slope: 0, halfWidthAt: () => half };
}

/** What least squares are made of. */
export function momentsOf(points: readonly WeightedPoint[]) {
  const weight = points.reduce((sum, point) => sum + point.weight, 0);
  const meanX = points.reduce((sum, point) => sum + point.weight * point.x, 0) / weight;
  const meanY = points.reduce((sum, point) => sum + point.weight * point.y, 0) / weight;
  const spreadX = points.reduce((sum, point) => sum + point.weight * (point.x - meanX) ** 2, 0);
  const crossXY = points.reduce(
    (sum, point) => sum + point.weight * (point.x - meanX) * (point.y - meanY),
    0,
  );
  return { weight, meanX, meanY, spreadX, crossXY };
}

/** Slope of the best line without a fixed part. */
function throughOrigin(points: readonly WeightedPoint[]): number {
  const xy = points.reduce((sum, { x, y, weight }) => sum + weight * x * y, 0);
  const xx = points.reduce((sum, { x, weight }) => sum + weight * x * x, 0);
  return xy / xx;
}
