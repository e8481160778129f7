import { mean } from 'simple-statistics';

/**
 * Lag-1 autocorrelation: the sum of products of neighbouring deviations from the mean over the sum of
 * their squares. 0 where all values are the same.
 */
export function lag1Autocorrelation(values: number[]): number {
  const center = mean(values);
  let products = 0;
  let squares = 0;
  let previous = 0;
  for (const value of values) {
    const deviation = value - center;
    products += deviation * previous;
    squares += deviation * deviation;
    previous = deviation;
  }
  return squares === 0 ? 0 : products / squares;
}
