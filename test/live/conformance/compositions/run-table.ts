import { LIVE_TOLERANCE_MS, SIMULATOR_TOLERANCE_MS } from '../tolerances.js';
import { type CallCosts, measureCallCosts } from './call-costs.js';
import { differences } from './compare.js';
import type { CompositionCase } from './composition-case.js';
import { runOnSimulator } from './on-simulator.js';
import { CompositionServer } from './on-triton.js';

/** A row and how simulator and server did on it. */
export interface RowReport {
  readonly row: CompositionCase;
  /** What the simulator does otherwise; empty where it agrees. */
  readonly simulator: readonly string[];
  /** Per run on the server what it does otherwise; fewer runs than asked for where the machine had no time. */
  readonly live: readonly (readonly string[])[];
  /** Runs that were thrown away: the machine was late, and they did not agree. */
  readonly discarded: number;
}

export interface CompositionsReport {
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
  readonly measuresCosts: boolean;
  readonly say: (line: string) => void;
}

/** Runs rows once on the simulator and `runs` times on a real server. */
export async function runCompositions(
  rows: readonly CompositionCase[],
  { runs, measuresCosts, say }: RunOptions,
): Promise<CompositionsReport> {
  const limited = rows.filter(({ isLimited }) => isLimited);
  const others = rows.filter(({ isLimited }) => !isLimited);
  let costs: CallCosts | undefined;
  let served = '';
  const reports = await onServer(false, async (server) => {
    costs = measuresCosts ? await measureCallCosts(server) : undefined;
    const { release, version } = await server.client.serverFacts();
    served = `${release ?? 'of an unknown release'} (${version})`;
    return playAll(server, others, { runs, sideBySide: SIDE_BY_SIDE, say });
  });
  // A rate limiter looks at all models of its server at once.
  if (limited.length > 0)
    reports.push(
      ...(await onServer(true, (server) => playAll(server, limited, { runs, sideBySide: 1, say }))),
    );
  return assemble(reports, runs, served, costs);
}

async function onServer<T>(isLimited: boolean, use: (server: CompositionServer) => Promise<T>): Promise<T> {
  const server = await CompositionServer.start(isLimited);
  try {
    return await use(server);
  } finally {
    await server.stop();
  }
}

interface PlayOptions extends Pick<RunOptions, 'runs' | 'say'> {
  readonly sideBySide: number;
}

async function playAll(
  server: CompositionServer,
  rows: readonly CompositionCase[],
  { runs, sideBySide, say }: PlayOptions,
): Promise<RowReport[]> {
  const reports: RowReport[] = [];
  for (let first = 0; first < rows.length; first += sideBySide) {
    const group = rows.slice(first, first + sideBySide);
    reports.push(...(await playGroup(server, group, { runs, first, say })));
    say(`${reports.length} of ${rows.length} rows done`);
  }
  return reports;
}

async function playGroup(
  server: CompositionServer,
  rows: readonly CompositionCase[],
  {
    runs,
    first,
    say,
  }: { readonly runs: number; readonly first: number; readonly say: (line: string) => void },
): Promise<RowReport[]> {
  const prefixes = new Map(rows.map((row, i) => [row, `row${first + i + 1}-`]));
  await Promise.all([...prefixes].map(([row, prefix]) => server.load(row, prefix)));
  const live = new Map(rows.map((row) => [row, [] as string[][]]));
  const discarded = new Map(rows.map((row) => [row, 0]));
  for (let turn = 0; turn < runs * MOST_TRIES; turn++) {
    const left = new Map([...prefixes].filter(([row]) => live.get(row)!.length < runs));
    if (left.size === 0) break;
    for (const [row, { happened, isLate }] of await server.play(left)) {
      const found = differences(row, happened, LIVE_TOLERANCE_MS);
      if (isLate && found.length > 0) {
        discarded.set(row, discarded.get(row)! + 1);
        continue;
      }
      for (const line of found) say(`${row.source} ${row.rule}: ${line}`);
      live.get(row)!.push(found);
    }
  }
  for (const [row, prefix] of prefixes) await server.unload(row, prefix);
  return rows.map((row) => ({
    row,
    simulator:
      row.notSimulated === undefined ? differences(row, runOnSimulator(row), SIMULATOR_TOLERANCE_MS) : [],
    live: live.get(row)!,
    discarded: discarded.get(row)!,
  }));
}

function assemble(
  rows: readonly RowReport[],
  runs: number,
  server: string,
  costs: CallCosts | undefined,
): CompositionsReport {
  const asked = rows.filter(({ row }) => row.notSimulated === undefined);
  const simulated = asked.filter(({ simulator }) => simulator.length === 0).length;
  const played = rows.reduce((sum, { live }) => sum + live.length, 0);
  const agreed = rows.reduce((sum, { live }) => sum + live.filter((lines) => lines.length === 0).length, 0);
  const discarded = rows.reduce((sum, row) => sum + row.discarded, 0);
  return {
    runs,
    rows,
    costs,
    server,
    agrees: simulated === asked.length && agreed === rows.length * runs,
    summary:
      `simulator: ${simulated} of ${asked.length} rows agree; Triton: ${agreed} of ${played} runs of a row agree ` +
      `(${rows.length * runs} were asked for, ${discarded} more did not, but the machine was late)`,
  };
}
