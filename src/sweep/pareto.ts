/** What a point costs and how good it is. */
export interface Judged {
  readonly cost: number;
  /** More is better. */
  readonly quality: number;
}

/**
 * The points that no other beats in cost without losing in quality, cheapest first: their indices. Of
 * equal ones the first is taken; points with a figure that is not known are left out.
 */
export function paretoFront(points: readonly Judged[]): number[] {
  const known = points.flatMap(({ cost, quality }, index) =>
    Number.isFinite(cost) && Number.isFinite(quality) ? [{ cost, quality, index }] : [],
  );
  known.sort((a, b) => a.cost - b.cost || b.quality - a.quality || a.index - b.index);
  const front: number[] = [];
  let best = Number.NEGATIVE_INFINITY;
  for (const { quality, index } of known) {
    if (quality <= best) continue;
    best = quality;
    front.push(index);
  }
  return front;
}
