/**
 * A process with every rate times `factor`; its shape stays. `ratePerS`, `meanRatePerS`, … and the counts of bins are all
 * there is of rates in a process. What is no number stays as it is, for whoever checks the process to tell.
 */
export function scaledProcess<Process extends object>(process: Process, factor: number): Process {
  return scaled(process, factor) as Process;
}

function scaled(value: unknown, factor: number): unknown {
  if (Array.isArray(value)) return value.map((part) => scaled(part, factor));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, part]) => {
    if (key === 'counts' && Array.isArray(part)) return [key, part.map((count) => times(count, factor))];
    return [key, /ratePerS$/i.test(key) ? times(part, factor) : scaled(part, factor)];
  });
  return Object.fromEntries(entries);
}

function times(value: unknown, factor: number): unknown {
  return typeof value === 'number' ? value * factor : value;
}
