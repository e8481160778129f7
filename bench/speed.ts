import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { BenchCase } from './cases.js';
import type { Repeat } from './measure.js';
import { runReference } from './reference.js';
import { runMeasure } from './run-measure.js';
import { type Spread, spreadOf } from './spread.js';

/** The speed of one case. */
export interface Row {
  readonly name: string;
  /** Requests simulated in a second of wall time: the median of the repeats, then all that is known of them. */
  readonly requestsPerSecond: number;
  readonly perWallSecond: Spread;
  /** The same of CPU time, of all threads of the process. */
  readonly perCpuSecond: Spread;
  /** The plain rule in C++, requests per second of CPU time; of a case on several threads its own speed on one, of wall time. */
  readonly reference: Spread | null;
  /** Median over the reference's, in the same time. */
  readonly ratio: number | null;
  readonly meanLatencyMs: number;
  readonly peakRssMb: number;
  readonly wantedPerSecond: number | null;
}

/** @param reference the compiled plain rule */
export async function speedOf(bench: BenchCase, reference: string | undefined): Promise<Row> {
  const { name, repeats, workload } = bench;
  const measured = await runMeasure({ name, repeats, requests: workload.requests });
  if ('missing' in measured) throw new Error(measured.missing);
  const { requests, onOneThread, meanLatencyMs, peakRssMb } = measured;
  const perWallSecond = perSecond(requests, measured.repeats, 'wallS');
  const perCpuSecond = perSecond(requests, measured.repeats, 'cpuS');
  const base = { name, requestsPerSecond: perWallSecond.median, perWallSecond, perCpuSecond };
  const rest = { meanLatencyMs, peakRssMb, wantedPerSecond: bench.wantedPerSecond ?? null };
  if (onOneThread !== undefined) {
    const one = perSecond(requests, onOneThread, 'wallS');
    return { ...base, reference: one, ratio: perWallSecond.median / one.median, ...rest };
  }
  if (bench.reference !== true || reference === undefined)
    return { ...base, reference: null, ratio: null, ...rest };
  const plainRule = perSecond(workload.requests, runReference(reference, bench), 'cpuS');
  return { ...base, reference: plainRule, ratio: perCpuSecond.median / plainRule.median, ...rest };
}

/** Requests per second of each repeat. */
export function perSecond(requests: number, repeats: readonly Repeat[], time: keyof Repeat): Spread {
  return spreadOf(repeats.map((repeat) => requests / repeat[time]));
}

/** Seconds of wall time that the command line takes for a small scenario, from start to end. */
export function simulateSeconds(): Spread {
  const root = fileURLToPath(new URL('../', import.meta.url));
  const once = () => {
    const startedMs = performance.now();
    execFileSync(
      process.execPath,
      ['bin/perseus.js', 'simulate', 'examples/scenarios/two-tenants.yaml', '--json'],
      {
        cwd: root,
        stdio: 'ignore',
      },
    );
    return (performance.now() - startedMs) / 1000;
  };
  once();
  return spreadOf(Array.from({ length: 5 }, once));
}

/** Columns of the table after the name. */
const WIDTHS = [8, 11, 14, 11, 14, 10, 7, 9];

export const SPEED_HEAD = line('case', [
  'repeats',
  'per CPU s',
  'min to max',
  'per wall s',
  'min to max',
  'reference',
  'ratio',
  'peak MB',
]);

export function rowText(row: Row): string {
  const { name, perWallSecond, perCpuSecond, reference, ratio, peakRssMb } = row;
  return line(name, [
    String(perWallSecond.repeats),
    millions(perCpuSecond.median),
    `${inMillions(perCpuSecond.min)} to ${inMillions(perCpuSecond.max)}`,
    millions(perWallSecond.median),
    `${inMillions(perWallSecond.min)} to ${inMillions(perWallSecond.max)}`,
    reference === null ? '' : millions(reference.median),
    ratio?.toFixed(2) ?? '',
    peakRssMb.toFixed(0),
  ]);
}

function line(name: string, cells: readonly string[]): string {
  return name.padEnd(53) + cells.map((cell, i) => cell.padStart(WIDTHS[i]!)).join('');
}

function millions(perSecond: number): string {
  return `${inMillions(perSecond)} M`;
}

function inMillions(perSecond: number): string {
  return (perSecond / 1e6).toFixed(1);
}
