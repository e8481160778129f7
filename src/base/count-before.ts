/** How many of the ascending times lie before `end`: the index of the first that does not. */
export function countBefore(times: Float64Array, end: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (times[middle]! < end) low = middle + 1;
    else high = middle;
  }
  return low;
}
