/** Values by time, in order of time. */
export interface Samples {
  /** Whole microseconds since 1970. */
  readonly timesUs: Float64Array;
  readonly values: Float64Array;
}

/** Positions of the times from early to late, those of one time in their order; quick where most are in order. */
export function orderOfTimes(timesUs: Float64Array): number[] {
  return [...timesUs.keys()].sort((a, b) => (timesUs[a] as number) - (timesUs[b] as number));
}

export function pick(column: Float64Array, positions: readonly number[]): Float64Array {
  return Float64Array.from(positions, (at) => column[at] as number);
}

export function inOrder({ timesUs, values }: Samples): Samples {
  const order = orderOfTimes(timesUs);
  return { timesUs: pick(timesUs, order), values: pick(values, order) };
}

/** Time between neighbours, where it is any. */
export function gapsUs({ timesUs }: Pick<Samples, 'timesUs'>): number[] {
  const gaps: number[] = [];
  for (let i = 1; i < timesUs.length; i++) {
    const gap = (timesUs[i] as number) - (timesUs[i - 1] as number);
    if (gap > 0) gaps.push(gap);
  }
  return gaps;
}
