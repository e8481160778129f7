import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { stringify } from 'yaml';
import { DEFAULT_DESIGN } from '../../src/calibrate/experiment.js';
import type { InferenceClient } from '../../src/live/inference-client.js';
import { calibrateServer } from '../../src/node/calibrate/calibrate-server.js';
import { writeFileAtomically } from '../../src/node/files/atomic-write.js';
import { settingsOf } from '../../src/node/tune/candidate-values.js';
import {
  type Confirmed,
  confirmLive,
  type LiveConfirmation,
  liveConfirmation,
} from '../../src/node/tune/live-confirmation.js';
import { type TuneOutcome, tuneScenario } from '../../src/node/tune/tune-scenario.js';
import { tuneToText } from '../../src/node/tune/tune-text.js';
import { tuneValues } from '../../src/node/tune/tune-values.js';
import type { Finalist } from '../../src/plan/tune/final.js';
import { TuneRunner } from '../../src/plan/tune/job-runner.js';
import { describeLoad } from '../../src/plan/tune/load-point.js';
import { objectiveOf } from '../../src/plan/tune/score.js';
import { writeModelConfigFields } from '../../src/scenario/triton/write-fields.js';
import { type Choice, measureChoices } from './choices.js';
import { predictPoints } from './predicted-points.js';
import { type Effort, MODELS, OBJECTIVE, SPACE } from './question.js';
import { scenarioOf } from './recorded-scenario.js';
import { describeConfiguration, type RecordedSearch } from './recorded-search.js';
import type { TuneReproduction } from './results.js';

export interface ReproduceOptions {
  /** Folder for what is not kept. */
  readonly work: string;
  /** Of a calibration of both models; measured first where left out. */
  readonly profiles: string | undefined;
  /** What Model Analyzer found; the settings as they are stand in for it where left out. */
  readonly recorded: RecordedSearch | undefined;
  /** What it found in the search before that. */
  readonly earlier: RecordedSearch | undefined;
  readonly rounds: number;
  readonly effort: Effort;
  readonly progress: (text: string) => void;
}

/** Calibrates, tunes, predicts what the other tuner measured, and measures both choices live. */
export async function reproduce(
  client: InferenceClient,
  options: ReproduceOptions,
): Promise<TuneReproduction> {
  const { recorded, earlier, rounds, progress } = options;
  const calibrated =
    options.profiles === undefined ? await timed(() => calibrate(client, options)) : undefined;
  const file = await writeScenario(client, calibrated?.result ?? resolve(options.profiles!), options);
  progress('searching');
  const { result: outcome, seconds: searchS } = await timed(() =>
    tuneScenario(file, { objective: OBJECTIVE, space: SPACE, progress: everyTwoSeconds(progress) }),
  );
  const { scenario } = outcome.loaded;
  const live = await liveConfirmation(scenario, [{ client }]);
  const { result: best, seconds: confirmS } = await timed(() => confirmedBest(outcome, live, progress));
  const choices = [choiceOf(outcome, 'perseus', best), otherChoice(outcome, recorded)];
  const [ours, theirs] = await measureChoices(choices, live, { rounds, progress });
  const values = tuneValues(outcome);
  return {
    combinations: values.space.size,
    simulations: values.space.simulations,
    calibrateS: calibrated?.seconds,
    searchS,
    confirmS,
    choices: [ours!, theirs!],
    ...(recorded && { recorded }),
    ...(earlier && { earlier }),
    predicted: predictPoints(scenario, recorded?.points ?? []),
    text: tuneToText(values),
  };
}

/** As `perseus tune --confirm 3` does: the best few and the settings as they are, measured once each; the best of them. */
async function confirmedBest(
  outcome: TuneOutcome,
  live: LiveConfirmation,
  progress: (text: string) => void,
): Promise<Finalist> {
  const { confirmed, errors } = await confirmLive(outcome, live, {
    candidates: CONFIRMED,
    rounds: 1,
    progress,
  });
  if (errors.length > 0) throw errors[0];
  const balancedPerS = ({ measured }: Confirmed) => objectiveOf(measured[0]!, OBJECTIVE);
  return confirmed.reduce((a, b) => (balancedPerS(b) > balancedPerS(a) ? b : a)).finalist;
}

const CONFIRMED = 3;

function otherChoice(outcome: TuneOutcome, recorded: RecordedSearch | undefined): Choice {
  if (recorded === undefined) return choiceOf(outcome, 'as it is', outcome.result.current);
  const { tool, choice } = recorded;
  const text = describeConfiguration(choice);
  return { tuner: tool, text, scenario: scenarioOf(outcome.loaded.scenario, choice) };
}

function choiceOf(outcome: TuneOutcome, tuner: string, { candidate }: Finalist): Choice {
  const { loaded, space } = outcome;
  const { spec, resources } = loaded;
  const settings = settingsOf(candidate, outcome).map(({ name, text }) => `${name}: ${text}`);
  return {
    tuner,
    text: `${settings.join('; ')}; ${describeLoad(space.loads[candidate.load]!)}`,
    scenario: new TuneRunner({ spec, resources, space }).scenarioOf(candidate),
  };
}

async function calibrate(
  client: InferenceClient,
  { work, effort, progress }: ReproduceOptions,
): Promise<string> {
  const out = join(work, 'calibration');
  // The time that it takes counts, so that nothing of an earlier run may be left.
  await rm(out, { recursive: true, force: true });
  await calibrateServer({
    client,
    models: MODELS,
    out,
    budgetS: effort.calibrationS,
    // With loads: what a second instance costs is measured, not guessed.
    design: { ...DEFAULT_DESIGN, load: true, largestBatch: 8 },
    onProgress: ({ experiment, number, of }) => progress(`calibrating ${number}/${of} ${experiment.id}`),
  });
  return out;
}

/** One closed loop for each model; configurations as the server has them in force. */
async function writeScenario(
  client: InferenceClient,
  profiles: string,
  { work, effort }: ReproduceOptions,
): Promise<string> {
  const configs = await Promise.all(MODELS.map(async (model) => (await client.modelConfig(model)).config));
  const scenario = {
    perseus: 1,
    name: 'two networks',
    durationS: effort.durationS,
    warmUpS: effort.warmUpS,
    profiles: [profiles],
    servers: [
      {
        name: 'triton',
        models: configs.map((config) => ({ name: config.name, config: writeModelConfigFields(config) })),
      },
    ],
    tenants: MODELS.map((model) => ({ name: model, model, load: { closedLoop: { concurrency: 1 } } })),
  };
  const file = join(work, 'scenario.yaml');
  await writeFileAtomically(file, stringify(scenario, { lineWidth: 110 }));
  return file;
}

async function timed<Result>(
  act: () => Promise<Result>,
): Promise<{ readonly result: Result; readonly seconds: number }> {
  const started = performance.now();
  const result = await act();
  return { result, seconds: (performance.now() - started) / 1000 };
}

function everyTwoSeconds(progress: (text: string) => void): (text: string) => void {
  let last = performance.now();
  return (text) => {
    if (performance.now() - last < 2000) return;
    last = performance.now();
    progress(text);
  };
}
