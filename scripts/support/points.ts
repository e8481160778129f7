import { mean, median } from 'simple-statistics';

/** A measured figure beside its prediction. */
export interface Compared {
  readonly measured: number;
  readonly predicted: number;
  /** Predicted less measured, in percent of measured. */
  readonly errorPercent: number;
}

export function errorPercent(predicted: number, measured: number): number {
  return 100 * (predicted / measured - 1);
}

type Erring = Pick<Compared, 'errorPercent'>;

const sizeOf = ({ errorPercent }: Erring) => Math.abs(errorPercent);

/** Those that are off by most first. */
export function worstFirst<Point extends Erring>(points: readonly Point[]): readonly Point[] {
  return [...points].sort((a, b) => sizeOf(b) - sizeOf(a));
}

/** Of the absolute errors, percent; 0 without points. */
export function meanError(points: readonly Erring[]): number {
  return points.length === 0 ? 0 : mean(points.map(sizeOf));
}

export function medianError(points: readonly Erring[]): number {
  return median(points.map(sizeOf));
}

/** How far an error is beyond what is asked and beyond what runs differ by, in units of what is asked; negative within. */
export function marginOf(error: number, asked: number, spread: number): number {
  return (Math.abs(error) - Math.max(asked, Number.isFinite(spread) ? spread : 0)) / asked;
}

/** How far repeated measurements lie apart: half of the way from the least to the most of them. */
export function halfRange(values: readonly number[]): number {
  return (Math.max(...values) - Math.min(...values)) / 2;
}
