/** Halvings after which nothing of a double's digits is left to find. */
const ALL_DIGITS = 60;

/** Where `isBelow`, which holds up to some value between `low` and `high`, ceases to hold: by halving the interval so often. */
export function bisect(
  low: number,
  high: number,
  isBelow: (value: number) => boolean,
  halvings = ALL_DIGITS,
): number {
  let [from, to] = [low, high];
  for (let i = 0; i < halvings; i++) {
    const middle = (from + to) / 2;
    if (isBelow(middle)) from = middle;
    else to = middle;
  }
  return (from + to) / 2;
}
