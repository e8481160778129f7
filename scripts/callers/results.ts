import { mean } from 'simple-statistics';
import { sleepsBetween } from '../../src/calibrate/steady-answers.js';
import type { LiveRun } from '../../src/live/run-live.js';
import type { Scenario } from '../../src/scenario/scenario.js';
import { simulate } from '../../src/simulator/simulate.js';
import type { RequestLog } from '../../src/trace/request-log.js';
import { countedRows } from '../live/yardstick-compare.js';
import { halfRange } from '../support/half-range.js';
import { signed, table } from '../support/markdown.js';

/** One case: how much was answered and how often the batcher was found asleep, measured and simulated. */
export interface CallerRow {
  readonly name: string;
  readonly isOpen: boolean;
  readonly answeredPerS: readonly number[];
  readonly meanMs: readonly number[];
  readonly sleeps: readonly number[];
  readonly predicted: Figures;
  /** The same where no instance is late, as it was simulated before sleeps were measured. */
  readonly withoutSleeps: Figures;
}

export interface Figures {
  readonly answeredPerS: number;
  readonly meanMs: number;
  readonly sleeps: number;
}

/** What a log of so many seconds says of its one tenant. */
export function figuresOf(log: RequestLog, seconds: number): Figures {
  const rows = countedRows(log, 0, () => true);
  const endedUs = Float64Array.from(rows, (row) => log.endedUs[row]!);
  return {
    answeredPerS: rows.length / seconds,
    meanMs:
      rows.length === 0
        ? Number.NaN
        : mean(rows.map((row) => log.endedUs[row]! - log.plannedUs[row]!)) / 1000,
    sleeps: sleepsBetween(endedUs.sort()),
  };
}

/** Longer than a live run, so that what happens rarely is known. */
const TIMES = 8;

/** @param scenario as perseus' own load generator meets it */
export function compareCallers(
  name: string,
  scenario: Scenario,
  runs: readonly Pick<LiveRun, 'log'>[],
  seconds: number,
): CallerRow {
  const measured = runs.map(({ log }) => figuresOf(log, seconds));
  const isOpen = scenario.tenants.every(({ load }) => load.mode !== 'closed');
  const times = isOpen ? 1 : TIMES;
  const longer = { ...scenario, durationUs: times * scenario.durationUs };
  const simulated = (each: Scenario) => {
    const { sleeps, ...figures } = figuresOf(simulate(each).log, times * seconds);
    return { ...figures, sleeps: sleeps / times };
  };
  const servers = longer.servers.map(({ options: { lateIdle: _late, ...options }, ...server }) => ({
    ...server,
    options,
  }));
  return {
    name,
    isOpen,
    answeredPerS: measured.map(({ answeredPerS }) => answeredPerS),
    meanMs: measured.map(({ meanMs }) => meanMs),
    sleeps: measured.map(({ sleeps }) => sleeps),
    predicted: simulated(longer),
    withoutSleeps: simulated({ ...longer, servers }),
  };
}

/** Both tables, worst first, under what was measured where. */
export function callersMarkdown(rows: readonly CallerRow[], provenance: string): string {
  return `# Callers that wait for answers, and queue limits

Written by \`npm run reproduce:callers\`; ${provenance}.
Models with a queue limit, whose payloads Triton binds late. Where an instance is idle only after requests of callers have come that
send as soon as they have their answer, nobody wakes its batcher: it sleeps 500 ms. Calibration counted that in closed loops of three
callers and of three batches; these loads it had not seen.

${closedLoops(rows.filter(({ isOpen }) => !isOpen))}

${openLoops(rows.filter(({ isOpen }) => isOpen))}
`;
}

function closedLoops(rows: readonly CallerRow[]): string {
  const errorPercent = ({ answeredPerS, predicted }: CallerRow) =>
    100 * (predicted.answeredPerS / mean([...answeredPerS]) - 1);
  return table(
    ['closed loop', 'answered /s', 'predicted', 'error %', 'without sleeps', 'sleeps in a run', 'predicted'],
    worstFirst(rows, errorPercent).map((row) => [
      row.name,
      meanWithRange(row.answeredPerS, 1),
      row.predicted.answeredPerS.toFixed(1),
      signed(errorPercent(row)),
      row.withoutSleeps.answeredPerS.toFixed(1),
      meanWithRange(row.sleeps, 1),
      row.predicted.sleeps.toFixed(1),
    ]),
  );
}

function openLoops(rows: readonly CallerRow[]): string {
  const errorPercent = ({ meanMs, predicted }: CallerRow) => 100 * (predicted.meanMs / mean([...meanMs]) - 1);
  return table(
    ['open loop', 'mean ms', 'predicted', 'error %'],
    worstFirst(rows, errorPercent).map((row) => [
      row.name,
      meanWithRange(row.meanMs, 2),
      row.predicted.meanMs.toFixed(2),
      signed(errorPercent(row)),
    ]),
  );
}

function worstFirst(rows: readonly CallerRow[], errorOf: (row: CallerRow) => number): CallerRow[] {
  return rows.toSorted((a, b) => Math.abs(errorOf(b)) - Math.abs(errorOf(a)));
}

function meanWithRange(values: readonly number[], digits: number): string {
  return `${mean([...values]).toFixed(digits)} ±${halfRange([...values]).toFixed(digits)}`;
}
