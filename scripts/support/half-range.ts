/** How far repeated measurements lie apart: half of the way from the least to the most of them. */
export function halfRange(values: readonly number[]): number {
  return (Math.max(...values) - Math.min(...values)) / 2;
}
