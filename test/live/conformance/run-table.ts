import { groupBy } from '../../../src/base/group-by.js';
import { type CallCosts, measureCallCosts } from './call-costs.js';
import { differences, wayCount, wayTaken } from './compare.js';
import { runOnSimulator } from './on-simulator.js';
import type { Row } from './row.js';
import { RowServer, type ServerKind } from './row-server.js';

/** The simulator's threads take microseconds. */
const SIMULATOR_TOLERANCE_MS = 1;
/** In rows with races a request may arrive 15 ms after the end of an execution, to wake a batcher that missed it. */
const WAKE_UP_ORDER_TOLERANCE_MS = 16;
/** A thread of a machine that others use too comes late by milliseconds. */
export const LIVE_TOLERANCE_MS = 25;

/** A row and how simulator and server did on it. */
export interface RowReport {
  readonly row: Row;
  /** What the simulator does otherwise; empty where it agrees. */
  readonly simulator: readonly string[];
  /** Per run on the server what it does otherwise; fewer runs than asked for where the machine had no time. */
  readonly live: readonly (readonly string[])[];
  /** How often each way of the row was taken on the server; one entry where the row has one way. */
  readonly waysTaken: readonly number[];
  /** Runs that were thrown away: the machine was late, and they did not agree. */
  readonly discarded: number;
}

export interface TableReport {
  readonly runs: number;
  readonly rows: readonly RowReport[];
  readonly costs: CallCosts | undefined;
  /** Release and version of the real server. */
  readonly server: string;
  readonly agrees: boolean;
  /** One line. */
  readonly summary: string;
}

/** Rows whose models are loaded at once and that run side by side: nearly all of their time is sleep. */
const SIDE_BY_SIDE = 6;
/** How often a row is tried for each run that is asked for. */
const MOST_TRIES = 12;

export interface RunOptions {
  readonly runs: number;
  readonly measuresCosts?: boolean;
  readonly say: (line: string) => void;
}

/** Runs rows once on the simulator and `runs` times on real servers. */
export async function runTable(
  rows: readonly Row[],
  { runs, measuresCosts = false, say }: RunOptions,
): Promise<TableReport> {
  const reports = new Map<Row, RowReport>();
  let costs: CallCosts | undefined;
  let facts = '';
  for (const own of groupBy(rows, kindOf).values())
    await onServer(own[0]!, async (server) => {
      facts ||= await server.facts();
      if (measuresCosts) costs ??= await measureCallCosts(server);
      // A rate limiter looks at all models of its server at once.
      const sideBySide = own[0]!.isLimited ? 1 : SIDE_BY_SIDE;
      for (let first = 0; first < own.length; first += sideBySide) {
        const group = own.slice(first, first + sideBySide);
        for (const report of await playGroup(server, group, { runs, say })) reports.set(report.row, report);
        say(`${reports.size} of ${rows.length} rows done`);
      }
    });
  return {
    ...{ runs, costs, server: facts },
    ...verdict(
      rows.map((row) => reports.get(row)!),
      runs,
    ),
  };
}

function kindOf({ heldUntil, isLimited = false }: Row): string {
  return `${heldUntil} ${isLimited}`;
}

async function onServer(kind: ServerKind, use: (server: RowServer) => Promise<void>): Promise<void> {
  const server = await RowServer.start(kind);
  try {
    await use(server);
  } finally {
    await server.stop();
  }
}

interface GrowingReport extends RowReport {
  readonly live: string[][];
  readonly waysTaken: number[];
  discarded: number;
}

async function playGroup(
  server: RowServer,
  rows: readonly Row[],
  { runs, say }: RunOptions,
): Promise<RowReport[]> {
  const reports = rows.map((row): GrowingReport => {
    const waysTaken = Array.from({ length: wayCount(row) }, () => 0);
    return { row, simulator: simulatorDifferences(row), live: [], waysTaken, discarded: 0 };
  });
  for (let turn = 0; turn < runs * MOST_TRIES; turn++) {
    const left = reports.filter(({ live }) => live.length < runs);
    if (left.length === 0) break;
    const played = await server.play(left.map(({ row }) => row));
    for (const report of left) {
      const { row } = report;
      const { happened, otherConfig, isLate } = played.get(row)!;
      const found = differences(row, happened, LIVE_TOLERANCE_MS);
      if (isLate && found.length > 0) {
        report.discarded++;
        continue;
      }
      if (found.length === 0) report.waysTaken[wayTaken(row, happened, LIVE_TOLERANCE_MS)]!++;
      if (otherConfig !== undefined) found.push(`configuration: ${otherConfig}`);
      for (const line of found) say(`${row.source} ${row.rule}: ${line}`);
      report.live.push(found);
    }
  }
  await Promise.all(rows.map((row) => server.unload(row)));
  return reports;
}

/** What the simulator does otherwise, whichever thread is faster and whichever of its ways it takes. */
export function simulatorDifferences(row: Row): string[] {
  const isRace = wayCount(row) > 1;
  const toleranceMs = isRace ? WAKE_UP_ORDER_TOLERANCE_MS : SIMULATOR_TOLERANCE_MS;
  const lines = (isRace ? RACES : RACES.slice(0, 1)).flatMap((race) =>
    [false, true].flatMap((eventLoop) =>
      differences(row, runOnSimulator(row, { ...race, eventLoop }), toleranceMs),
    ),
  );
  return [...new Set(lines)];
}

/** The instance is faster each time; the batcher is; and a number of ways in between. */
const RACES = [
  { batcherWinsShare: 0, seed: 1 },
  { batcherWinsShare: 1, seed: 1 },
  ...Array.from({ length: 12 }, (_, i) => ({ batcherWinsShare: 0.5, seed: i + 1 })),
];

function verdict(rows: readonly RowReport[], runs: number) {
  const simulated = rows.filter(({ simulator }) => simulator.length === 0).length;
  const played = rows.reduce((sum, { live }) => sum + live.length, 0);
  const agreed = rows.reduce((sum, { live }) => sum + live.filter((lines) => lines.length === 0).length, 0);
  const discarded = rows.reduce((sum, row) => sum + row.discarded, 0);
  return {
    rows,
    agrees: simulated === rows.length && agreed === rows.length * runs,
    summary:
      `simulator: ${simulated} of ${rows.length} rows agree; Triton: ${agreed} of ${played} runs of a row agree ` +
      `(${rows.length * runs} were asked for, ${discarded} more did not, but the machine was late)`,
  };
}
