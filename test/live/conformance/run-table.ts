import { differences, wayTaken } from './compare.js';
import { type ConformanceCase, expectations } from './conformance-case.js';
import { runOnSimulator } from './on-simulator.js';
import { LiveServers } from './on-triton.js';
import { LIVE_TOLERANCE_MS, SIMULATOR_TOLERANCE_MS, WAKE_UP_ORDER_TOLERANCE_MS } from './tolerances.js';

/** A row and how simulator and server did on it. */
export interface RowReport {
  readonly row: ConformanceCase;
  /** What the simulator does otherwise; empty where it agrees. */
  readonly simulator: readonly string[];
  /** Per run on the server: what it does otherwise. */
  readonly live: readonly (readonly string[])[];
  /** How often each way of the row was taken on the server; one entry where the row has one way. */
  readonly waysTaken: readonly number[];
  /** Runs that were thrown away because the machine stood still. */
  readonly discarded: number;
}

export interface TableReport {
  readonly runs: number;
  readonly rows: readonly RowReport[];
  readonly agrees: boolean;
  /** Release and version of the real server. */
  readonly server: string;
  /** One line. */
  readonly summary: string;
}

/** Runs rows once on the simulator and `runs` times on real servers. */
export async function runTable(
  rows: readonly ConformanceCase[],
  runs: number,
  say: (line: string) => void,
): Promise<TableReport> {
  const reports = new Map(rows.map((row) => [row, emptyReport(row)]));
  const servers = await LiveServers.start(rows);
  let server = '';
  try {
    for (let run = 1; run <= runs; run++) {
      await servers.run((row, { happened, otherConfig, discarded }) => {
        const found = differences(row, happened, LIVE_TOLERANCE_MS);
        if (otherConfig !== undefined) found.push(`configuration: ${otherConfig}`);
        for (const line of found) say(`run ${run}: ${row.source} ${row.rule}: ${line}`);
        const report = reports.get(row)!;
        report.live.push(found);
        report.discarded += discarded;
        const way = wayTaken(row, happened, LIVE_TOLERANCE_MS);
        if (way >= 0) report.waysTaken[way]!++;
      });
      say(`run ${run} of ${runs} done`);
    }
    server = await servers.facts();
  } finally {
    await servers.stop();
  }
  return assemble([...reports.values()], runs, server);
}

interface GrowingReport extends RowReport {
  readonly live: string[][];
  readonly waysTaken: number[];
  discarded: number;
}

function emptyReport(row: ConformanceCase): GrowingReport {
  const waysTaken = expectations(row).map(() => 0);
  return { row, simulator: simulatorDifferences(row), live: [], waysTaken, discarded: 0 };
}

/** What the simulator does otherwise, whichever thread is faster and whichever of its ways it takes. */
export function simulatorDifferences(row: ConformanceCase): string[] {
  const isRace = expectations(row).length > 1;
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

function assemble(rows: readonly RowReport[], runs: number, server: string): TableReport {
  const simulated = rows.filter(({ simulator }) => simulator.length === 0).length;
  const all = rows.length * runs;
  const agreed = rows.reduce((sum, { live }) => sum + live.filter((lines) => lines.length === 0).length, 0);
  const discarded = rows.reduce((sum, row) => sum + row.discarded, 0);
  return {
    runs,
    rows,
    server,
    agrees: simulated === rows.length && agreed === all,
    summary:
      `simulator: ${simulated} of ${rows.length} rows agree; Triton: ${agreed} of ${all} runs of a row agree ` +
      `(${discarded} more were discarded because the machine stood still)`,
  };
}
