/**
 * Pairs rows with columns so that the sum of `worth` over the pairs is as large as can be (the Hungarian method: one
 * row after the other, each along a path that changes the pairs before it for the least loss). No worth is negative.
 *
 * @returns by row: its column, or undefined where a pair would be worth nothing
 */
export function bestMatching(
  rows: number,
  columns: number,
  worth: (row: number, column: number) => number,
): (number | undefined)[] {
  // Columns for rows that stay alone, so that every row has one.
  const all = Math.max(rows, columns);
  const cost = (row: number, column: number) => (column < columns ? -worth(row, column) : 0);
  const state: State = {
    rowPrice: new Float64Array(rows),
    columnPrice: new Float64Array(all),
    rowOf: new Int32Array(all).fill(-1),
  };
  for (let row = 0; row < rows; row++) addRow(row, all, cost, state);
  const columnOf: (number | undefined)[] = Array.from({ length: rows }, () => undefined);
  for (const [column, row] of state.rowOf.entries())
    if (row >= 0 && cost(row, column) < 0) columnOf[row] = column;
  return columnOf;
}

interface State {
  readonly rowPrice: Float64Array;
  readonly columnPrice: Float64Array;
  /** Row of each column, -1 where it has none. */
  readonly rowOf: Int32Array;
}

/** The cheapest path from a new row to a column without one; the rows along it change their columns. */
function addRow(
  first: number,
  columns: number,
  cost: (row: number, column: number) => number,
  { rowPrice, columnPrice, rowOf }: State,
): void {
  const distance = new Float64Array(columns).fill(Number.POSITIVE_INFINITY);
  const before = new Int32Array(columns).fill(-1);
  const visited: number[] = [];
  const isVisited = new Uint8Array(columns);
  let row = first;
  let at = -1;
  let walked = 0;
  while (row >= 0) {
    let next = -1;
    for (let column = 0; column < columns; column++) {
      if (isVisited[column] === 1) continue;
      const through = walked + cost(row, column) - rowPrice[row]! - columnPrice[column]!;
      if (through < distance[column]!) {
        distance[column] = through;
        before[column] = at;
      }
      if (next < 0 || isNearer(column, next, distance, rowOf)) next = column;
    }
    walked = distance[next]!;
    isVisited[next] = 1;
    visited.push(next);
    at = next;
    row = rowOf[next]!;
  }
  rowPrice[first]! += walked;
  for (const column of visited) {
    columnPrice[column]! -= walked - distance[column]!;
    if (rowOf[column]! >= 0) rowPrice[rowOf[column]!]! += walked - distance[column]!;
  }
  for (let column = at; column >= 0; column = before[column]!) {
    const from = before[column]!;
    rowOf[column] = from < 0 ? first : rowOf[from]!;
  }
}

/** Of columns that are as far those come first that end the path. */
function isNearer(column: number, other: number, distance: Float64Array, rowOf: Int32Array): boolean {
  const further = distance[column]! - distance[other]!;
  return further < 0 || (further === 0 && rowOf[other]! >= 0 && rowOf[column]! < 0);
}
