/** A stretch of time in nanoseconds. */
export interface Span {
  readonly fromNs: number;
  readonly toNs: number;
}

/** The spans joined where they touch or overlap, in order of time. */
export function union(spans: readonly Span[]): readonly Span[] {
  const joined: { fromNs: number; toNs: number }[] = [];
  for (const { fromNs, toNs } of [...spans].sort((a, b) => a.fromNs - b.fromNs)) {
    const last = joined[joined.length - 1];
    if (last !== undefined && fromNs <= last.toNs) last.toNs = Math.max(last.toNs, toNs);
    else joined.push({ fromNs, toNs });
  }
  return joined;
}

/** All lengths added up, overlaps counted as often as they occur. */
export function lengthNs(spans: readonly Span[]): number {
  return spans.reduce((sum, { fromNs, toNs }) => sum + toNs - fromNs, 0);
}

/** Most spans that hold one moment. */
export function mostAtOnce(spans: readonly Span[]): number {
  const changes = spans.flatMap(({ fromNs, toNs }) => [
    { atNs: fromNs, step: 1 },
    { atNs: toNs, step: -1 },
  ]);
  changes.sort((a, b) => a.atNs - b.atNs || a.step - b.step);
  let most = 0;
  let now = 0;
  for (const { step } of changes) {
    now += step;
    most = Math.max(most, now);
  }
  return most;
}

/** Nanoseconds that `spans` together lie within `cover`, which is a {@link union}. */
export function coveredNs(spans: readonly Span[], cover: readonly Span[]): number {
  const sorted = [...spans].sort((a, b) => a.fromNs - b.fromNs);
  let first = 0;
  let total = 0;
  for (const { fromNs, toNs } of sorted) {
    while (first < cover.length && cover[first]!.toNs <= fromNs) first++;
    for (let i = first; i < cover.length && cover[i]!.fromNs < toNs; i++) {
      total += Math.min(toNs, cover[i]!.toNs) - Math.max(fromNs, cover[i]!.fromNs);
    }
  }
  return total;
}
