import type { Finalist } from '../../plan/tune/final.js';
import { JobRunner } from '../../plan/tune/job-runner.js';
import { type Candidate, candidateKey } from '../../plan/tune/space.js';
import { formatNumber, formatSigned } from '../../report/format.js';
import { tableOf } from '../../report/tables/table.js';
import { textTable } from '../../report/text/text-table.js';
import type { Scenario } from '../../scenario/scenario.js';
import { writeModelConfigFields } from '../../scenario/triton/write-fields.js';
import type { TuneOutcome } from './tune-scenario.js';

/** A candidate as a live server can be given it. */
export interface LiveCandidate {
  /** The whole scenario: loads, SLOs and the configuration of every model. */
  readonly scenario: Scenario;
  /** By model: its configuration as JSON, as Triton's load call takes it in `parameters.config`. */
  readonly configJson: ReadonlyMap<string, string>;
}

/** What one live run of a candidate gave. */
export interface LiveFigures {
  readonly tenants: readonly {
    readonly tenant: string;
    readonly inferencesPerS: number;
    readonly p99Ms: number;
  }[];
}

/**
 * A live server on which candidates are measured: loads each model anew under the candidate's
 * configuration, runs the scenario's load and gives what came of it. Every method rejects with an error
 * that says what to do.
 */
export interface LiveConfirmation {
  measure(candidate: LiveCandidate): Promise<LiveFigures>;
  /** Gives the server back as it was found, also after an error. */
  restore(): Promise<void>;
}

export interface ConfirmOptions {
  /** How many of the finalists are measured. Default 3. */
  readonly candidates?: number;
  /** Measurements of each, in turns, so that a drift of the machine meets all of them. Default 3. */
  readonly rounds?: number;
  readonly progress?: (text: string) => void;
}

/** A finalist with its live measurements, one per round. */
export interface Confirmed {
  readonly candidate: Candidate;
  readonly finalist: Finalist;
  readonly measured: readonly LiveFigures[];
}

/** Measures the best few, and the settings as they are, on a live server; the server is restored in any case. */
export async function confirmLive(
  outcome: TuneOutcome,
  live: LiveConfirmation,
  options: ConfirmOptions = {},
): Promise<readonly Confirmed[]> {
  const { candidates: wanted = 3, rounds = 3, progress } = options;
  const finalists = distinct([...outcome.result.finalists.slice(0, wanted), outcome.result.current]);
  const candidates = finalists.map(({ candidate }) => liveCandidate(outcome, candidate));
  const measured: LiveFigures[][] = finalists.map(() => []);
  try {
    for (let round = 1; round <= rounds; round++) {
      for (const [i, candidate] of candidates.entries()) {
        progress?.(`live round ${round} of ${rounds}: candidate ${i + 1} of ${candidates.length}`);
        measured[i]!.push(await live.measure(candidate));
      }
    }
  } finally {
    await live.restore();
  }
  return finalists.map((finalist, i) => ({
    candidate: finalist.candidate,
    finalist,
    measured: measured[i]!,
  }));
}

/** The candidate's scenario and the configuration of each of its models as JSON. */
export function liveCandidate({ loaded, space }: TuneOutcome, candidate: Candidate): LiveCandidate {
  const { spec, resources } = loaded;
  const scenario = new JobRunner({ spec, resources, space }).scenarioOf(candidate);
  const models = scenario.servers.flatMap((server) => server.models);
  const configJson = new Map(
    models.map(({ config }) => [config.name, JSON.stringify(writeModelConfigFields(config))]),
  );
  return { scenario, configJson };
}

function distinct(finalists: readonly Finalist[]): Finalist[] {
  return [...new Map(finalists.map((finalist) => [candidateKey(finalist.candidate), finalist])).values()];
}

/** Predicted beside measured, per candidate and tenant, for a terminal; the candidates in their predicted order. */
export function confirmedToText(confirmed: readonly Confirmed[], width = 100): string {
  const rows = confirmed.flatMap(({ finalist, measured }, i) =>
    finalist.runs[0]!.tenants.map(({ tenant }, t) => {
      const predicted = mean(finalist.runs.map((run) => run.tenants[t]!.inferencesPerS));
      const own = measured.flatMap(({ tenants }) => tenants.filter((row) => row.tenant === tenant));
      return {
        rank: i + 1,
        tenant,
        predicted,
        rate: mean(own.map((row) => row.inferencesPerS)),
        p99: mean(own.map((row) => row.p99Ms)),
      };
    }),
  );
  const table = tableOf('Measured on the live server', rows, [
    { header: 'candidate', cell: ({ rank }) => String(rank) },
    { header: 'tenant', align: 'left', cell: ({ tenant }) => tenant },
    { header: 'predicted inferences/s', cell: ({ predicted }) => formatNumber(predicted) },
    { header: 'measured', cell: ({ rate }) => formatNumber(rate) },
    { header: 'error %', cell: ({ predicted, rate }) => formatSigned(100 * (predicted / rate - 1)) },
    { header: 'measured p99 ms', cell: ({ p99 }) => formatNumber(p99) },
  ]);
  return `${textTable(table, width).join('\n')}\n`;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
