import { isInProfile } from './cell-profile.js';
import type { Cell } from './data.js';

/** Most processes that the source measured on a slice. */
const MOST_PROCESSES = 5;

/** A process more must cost at least this much, where the slice is full. */
const LEAST_SLOWDOWN = 1.02;

/**
 * The cells that a simulation can stand on. Left out are batch sizes that the shipped profile leaves
 * out, because they contradict their neighbours, and cells whose last process cannot have run: more
 * processes were not measured, the slice's memory being full, and it slowed down nobody.
 */
export function usableCells(cells: readonly Cell[]): readonly Cell[] {
  return cells.filter((cell) => isInProfile(cell) && !lastProcessIsMissing(cell, cells));
}

function lastProcessIsMissing(cell: Cell, cells: readonly Cell[]): boolean {
  if (cell.processes === 1 || cell.processes === MOST_PROCESSES) return false;
  const beside = (processes: number) =>
    cells.find(
      (other) =>
        other.model === cell.model &&
        other.slice === cell.slice &&
        other.batchSize === cell.batchSize &&
        other.processes === processes,
    );
  const fewer = beside(cell.processes - 1);
  return (
    beside(cell.processes + 1) === undefined && fewer !== undefined && cell.ms < LEAST_SLOWDOWN * fewer.ms
  );
}
