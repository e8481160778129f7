/**
 * Rows of several lists in the order of their times; at one instant in order of the lists. `list[i]`
 * and `row[i]` say where the i-th comes from.
 */
export interface MergedOrder {
  readonly list: Uint16Array;
  readonly row: Uint32Array;
}

/** Merges ascending lists, two neighbours at a time. */
export function mergedOrder(lists: readonly Float64Array[]): MergedOrder {
  let runs = lists.map((timesUs, index) => leaf(timesUs, index));
  while (runs.length > 1) {
    runs = Array.from({ length: Math.ceil(runs.length / 2) }, (_, i) => {
      const second = runs[2 * i + 1];
      return second === undefined ? runs[2 * i]! : mergeTwo(runs[2 * i]!, second);
    });
  }
  return runs[0] ?? { list: new Uint16Array(), row: new Uint32Array() };
}

interface Run extends MergedOrder {
  readonly timesUs: Float64Array;
}

function leaf(timesUs: Float64Array, index: number): Run {
  const row = new Uint32Array(timesUs.length);
  for (let i = 0; i < row.length; i++) row[i] = i;
  return { timesUs, list: new Uint16Array(timesUs.length).fill(index), row };
}

function mergeTwo(a: Run, b: Run): Run {
  const length = a.timesUs.length + b.timesUs.length;
  const merged = {
    timesUs: new Float64Array(length),
    list: new Uint16Array(length),
    row: new Uint32Array(length),
  };
  let i = 0;
  let j = 0;
  for (let at = 0; at < length; at++) {
    const takeA = j >= b.timesUs.length || (i < a.timesUs.length && a.timesUs[i]! <= b.timesUs[j]!);
    const from = takeA ? a : b;
    const k = takeA ? i++ : j++;
    merged.timesUs[at] = from.timesUs[k]!;
    merged.list[at] = from.list[k]!;
    merged.row[at] = from.row[k]!;
  }
  return merged;
}
