import type { Tally } from './run.js';

/** What became of the inputs of each family, as a table for people. */
export function tallyTable(tallies: ReadonlyMap<string, Tally>): string {
  const rows = [...tallies].map(([family, tally]) => [family, ...cellsOf(tally)]);
  const lines = [
    ['family', 'inputs', 'accepted', 'refused', 'failures', 'mean ms', 'slowest ms', 'slowest #'],
    ...rows,
  ];
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((cells) => cells[column]!.length)));
  const format = (cells: readonly string[]) =>
    cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  ');
  return `${lines.map(format).join('\n')}\n`;
}

function cellsOf({ inputs, accepted, refused, failures, totalMs, slowestMs, slowest }: Tally): string[] {
  const numbers = [inputs, accepted, refused, failures.length];
  return [...numbers.map(String), (totalMs / inputs).toFixed(1), slowestMs.toFixed(0), String(slowest)];
}
