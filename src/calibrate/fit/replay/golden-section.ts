const GOLDEN = (Math.sqrt(5) - 1) / 2;

export interface SearchedRange {
  readonly low: number;
  readonly high: number;
  /** How narrow the answer is to be known. */
  readonly within: number;
}

/** Where a function with one valley in the range is least. */
export function goldenSection(valueAt: (x: number) => number, { low, high, within }: SearchedRange): number {
  let [a, b] = [low, high];
  let [c, d] = [b - GOLDEN * (b - a), a + GOLDEN * (b - a)];
  let [atC, atD] = [valueAt(c), valueAt(d)];
  while (b - a > within) {
    if (atC < atD) {
      [b, d, atD] = [d, c, atC];
      c = b - GOLDEN * (b - a);
      atC = valueAt(c);
    } else {
      [a, c, atC] = [c, d, atD];
      d = a + GOLDEN * (b - a);
      atD = valueAt(d);
    }
  }
  return (a + b) / 2;
}
