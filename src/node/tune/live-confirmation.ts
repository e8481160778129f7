import type { LoadProgress, PacerKind } from '../../live/load/load-options.js';
import type { GivenInputs } from '../../live/model-inputs.js';
import { runFailure } from '../../live/run-failure.js';
import { type LiveServer, runLive } from '../../live/run-live.js';
import { type CandidateFigures, measure, runFigures } from '../../plan/tune/figures.js';
import type { Finalist } from '../../plan/tune/final.js';
import { TuneRunner } from '../../plan/tune/job-runner.js';
import { candidateKey } from '../../plan/tune/space.js';
import { withGeneratorDelay } from '../../scenario/generator-delay.js';
import type { Scenario } from '../../scenario/scenario.js';
import { replicationSeed } from '../runs/replication-seed.js';
import { LiveModels, type NoteModels } from './live-models.js';
import type { TuneOutcome } from './tune-scenario.js';

/** Live servers on which candidates are measured. Every method rejects with an error that says what to do. */
export interface LiveConfirmation {
  /**
   * Gives the models the scenario's settings and plays its loads; undefined where the run was broken off by
   * the signal.
   */
  measure(scenario: Scenario, signal?: AbortSignal): Promise<CandidateFigures | undefined>;
  /** Gives the servers back as they were found, also after an error. */
  restore(): Promise<void>;
}

export interface ConfirmOptions {
  /** How many of the finalists are measured, besides the settings as they are. */
  readonly candidates: number;
  /** Measurements of each, in turns, so that a drift of the machine meets all of them. */
  readonly rounds: number;
  readonly progress?: (text: string) => void;
  /** Ends measuring; what was measured until then is given. */
  readonly signal?: AbortSignal;
}

/** A finalist, measured. */
export interface Confirmed {
  readonly finalist: Finalist;
  /** Whether these are the settings as they are. */
  readonly isCurrent: boolean;
  /**
   * Simulated as the load generator meets it: the live run's arrivals, other draws of service times, and the
   * generator's own delay.
   */
  readonly predicted: readonly CandidateFigures[];
  /** One per round; fewer where measuring ended before its time. */
  readonly measured: readonly CandidateFigures[];
}

export interface Confirmation {
  readonly confirmed: readonly Confirmed[];
  /** Why measuring ended before its time, and why the servers could not be given back; empty where all went well. */
  readonly errors: readonly unknown[];
  /** The signal came before every candidate had been measured in every round. */
  readonly interrupted: boolean;
}

/** Connects a search's outcome to live servers, in the order of the scenario's; nothing is changed yet. */
export async function liveConfirmation(
  scenario: Scenario,
  servers: readonly LiveServer[],
  { note, ...options }: ConfirmationOptions = {},
): Promise<LiveConfirmation> {
  const models = await LiveModels.open(scenario, servers, note);
  return {
    measure: async (candidate, signal) => {
      await models.apply(candidate);
      const run = await runLive(candidate, { ...options, servers, ...(signal && { signal }) });
      if (run.endReason === 'aborted') return undefined;
      const failure = runFailure(run);
      if (failure !== undefined) throw failure;
      return runFigures(candidate, run);
    },
    restore: () => models.restore(),
  };
}

export interface ConfirmationOptions {
  /** Keeps how the models were found while they are not so; nothing does where left out. */
  readonly note?: NoteModels;
  readonly pacer?: PacerKind;
  /** What requests hold; zeros where left out. */
  readonly inputs?: GivenInputs;
  readonly onProgress?: (progress: LoadProgress) => void;
}

/**
 * Measures the best few, and the settings as they are; the servers are given back in any case. Never rejects
 * for what the servers do: what was measured until then is given with the error.
 */
export async function confirmLive(
  outcome: TuneOutcome,
  live: LiveConfirmation,
  options: ConfirmOptions,
): Promise<Confirmation> {
  const { loaded, space, result } = outcome;
  const runner = new TuneRunner({ spec: loaded.spec, resources: loaded.resources, space });
  const finalists = distinct([...result.finalists.slice(0, options.candidates), result.current]);
  const scenarios = finalists.map(({ candidate }) => runner.scenarioOf(candidate));
  const predicted = scenarios.map(predict);
  const measured = scenarios.map((): CandidateFigures[] => []);
  const errors: unknown[] = [];
  const note = (error: unknown) => void errors.push(error);
  const isWhole = await measureInTurns(scenarios, live, options, (i, figures) =>
    measured[i]!.push(figures),
  ).catch(note);
  options.progress?.('giving the models back as they were');
  await live.restore().catch(note);
  const confirmed = finalists.map((finalist, i) => ({
    finalist,
    isCurrent: candidateKey(finalist.candidate) === candidateKey(result.current.candidate),
    predicted: predicted[i]!,
    measured: measured[i]!,
  }));
  return { confirmed, errors, interrupted: isWhole === false };
}

/** @returns false where the signal has ended it before its time */
async function measureInTurns(
  scenarios: readonly Scenario[],
  live: LiveConfirmation,
  { rounds, progress, signal }: ConfirmOptions,
  onMeasured: (scenario: number, figures: CandidateFigures) => void,
): Promise<boolean> {
  for (let round = 1; round <= rounds; round++) {
    for (const [i, scenario] of scenarios.entries()) {
      if (signal?.aborted) return false;
      progress?.(`live round ${round} of ${rounds}, candidate ${i + 1} of ${scenarios.length}`);
      const figures = await live.measure(scenario, signal);
      if (figures === undefined) return false;
      onMeasured(i, figures);
    }
  }
  return true;
}

const PREDICTED_RUNS = 5;

function predict(scenario: Scenario): CandidateFigures[] {
  const met = withGeneratorDelay(scenario);
  return Array.from({ length: PREDICTED_RUNS }, (_, i) =>
    measure({ ...met, seed: replicationSeed(scenario.seed, i + 1) }),
  );
}

/** Each once, in the order in which they come. */
function distinct(finalists: readonly Finalist[]): Finalist[] {
  const keys = finalists.map(({ candidate }) => candidateKey(candidate));
  return finalists.filter((_, i) => keys.indexOf(keys[i]!) === i);
}
