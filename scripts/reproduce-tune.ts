import { mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { stringify } from 'yaml';
import { DEFAULT_DESIGN } from '../src/calibrate/experiment.js';
import type { InferenceClient } from '../src/live/inference-client.js';
import { connectTriton } from '../src/live/triton/connect.js';
import { writeFileAtomically } from '../src/node/atomic-write.js';
import { calibrateServer } from '../src/node/calibrate-server.js';
import { confirmLive, liveConfirmation } from '../src/node/tune/live-confirmation.js';
import { type TuneOutcome, tuneScenario } from '../src/node/tune/tune-scenario.js';
import { tuneToText } from '../src/node/tune/tune-text.js';
import { tuneValues } from '../src/node/tune/tune-values.js';
import type { Finalist } from '../src/plan/tune/final.js';
import { JobRunner } from '../src/plan/tune/job-runner.js';
import { scoreOf } from '../src/plan/tune/score.js';
import type { Candidate } from '../src/plan/tune/space.js';
import { writeModelConfigFields } from '../src/scenario/triton/write-fields.js';
import { findInstallation, type Installation } from './triton/installation.js';
import { SAMPLE_MODELS } from './triton/sample-models.js';
import { startServer } from './triton/server.js';
import { writeRepository } from './triton/write-repository.js';
import { candidateOf, type RecordedSearch, readRecordedSearch } from './tune/recorded-search.js';
import { casesOf, type PredictedPoint, resultsMarkdown, type TuneReproduction } from './tune/results.js';

const RESULTS = 'results/tune';
const WORK = '.tmp/tune';
const MODELS = ['mobilenet_v1', 'resnet18'];
/** Seconds that calibrating both models may take: with the search no longer than Model Analyzer. */
const CALIBRATION_S = 180;
const OBJECTIVE = 'balanced';
const SPACE = {
  instances: [1, 2],
  maxBatchSizes: [1, 2, 4, 8],
  delaysUs: [0, 500, 2000],
  preferred: ['max'],
  concurrency: [1, 2, 4, 8, 16],
} as const;
/** Seconds of each run, live and simulated, and those of them that are not counted. */
const DURATION_S = 15;
const WARM_UP_S = 2;

const USAGE = `usage: npm run reproduce:tune -- [--profiles FOLDER] [--against FILE] [--rounds N] [--json FILE]
  --profiles FOLDER  a calibration of ${MODELS.join(' and ')}; measured first where left out (${CALIBRATION_S} s)
  --against FILE     what Model Analyzer chose and measured: scripts/tune/recorded-search.ts describes the file
  --rounds N         live measurements of each choice, in turns; 3 where left out
  --dry-run          2 s runs, one round, no results written: does everything work?
  --json FILE        also write the figures
Needs npm run triton -- setup. Takes about 8 minutes on a quiet machine.
`;

interface Settings {
  readonly profiles: string | undefined;
  readonly recorded: RecordedSearch | undefined;
  readonly rounds: number;
  readonly isDry: boolean;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      profiles: { type: 'string' },
      against: { type: 'string' },
      rounds: { type: 'string', default: '3' },
      'dry-run': { type: 'boolean', default: false },
      json: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) return void process.stdout.write(USAGE);
  const isDry = values['dry-run'];
  const recorded = values.against === undefined ? undefined : await readRecordedSearch(values.against);
  const rounds = isDry ? 1 : Number(values.rounds);
  const reproduction = await withServer((client) =>
    reproduce(client, { profiles: values.profiles, recorded, rounds, isDry }),
  );
  const cases = casesOf(reproduction);
  if (values.json !== undefined)
    await writeFileAtomically(values.json, `${JSON.stringify({ cases }, undefined, 1)}\n`);
  const page = resultsMarkdown(reproduction);
  if (!isDry) await writeFileAtomically(join(RESULTS, 'README.md'), page);
  process.stdout.write(page);
}

async function withServer<Result>(use: (client: InferenceClient) => Promise<Result>): Promise<Result> {
  const installation = findInstallation();
  if (installation === undefined) throw new Error('no Triton here: npm run triton -- setup');
  const repository = await freshRepository(installation);
  const server = await startServer({ installation, repository, logFile: join(WORK, 'server.log') });
  const client = connectTriton({ url: server.url });
  try {
    return await use(client);
  } finally {
    client.close();
    await server.stop();
  }
}

async function freshRepository(installation: Installation): Promise<string> {
  await mkdir(WORK, { recursive: true });
  const repository = join(WORK, 'repository');
  const models = SAMPLE_MODELS.filter(({ name }) => MODELS.includes(name));
  await writeRepository(repository, models, installation);
  return repository;
}

async function reproduce(client: InferenceClient, settings: Settings): Promise<TuneReproduction> {
  const { recorded, rounds } = settings;
  const [profiles, calibrateS] = await timed(() => calibrationFolder(client, settings));
  const file = await writeScenario(client, profiles, settings.isDry);
  say('searching');
  const [outcome, tuneS] = await timed(() =>
    tuneScenario(file, { objective: OBJECTIVE, space: SPACE, progress: everyTwoSeconds() }),
  );
  const versus = recorded === undefined ? outcome : withRecordedChoice(outcome, recorded);
  const { scenario } = outcome.loaded;
  const live = await liveConfirmation(scenario, [{ client }]);
  const candidates = recorded === undefined ? 1 : 2;
  const confirmed = await confirmLive(versus, live, { candidates, rounds, progress: say });
  const values = tuneValues(versus, confirmed);
  return {
    combinations: values.space.size,
    simulations: values.space.simulations,
    calibrateS,
    tuneS,
    confirmation: values.confirmation!,
    ...(recorded && { recorded }),
    predictedPoints: (recorded?.points ?? []).map((point): PredictedPoint => {
      const candidate = candidateOf(point, outcome.space);
      return { point, predicted: runnerOf(outcome).run({ candidate, replication: 1, share: 1 }) };
    }),
    text: tuneToText(values),
  };
}

/** The winner first, then the choice of the other tuner: these two are measured. */
function withRecordedChoice(outcome: TuneOutcome, { choice }: RecordedSearch): TuneOutcome {
  const [winner] = outcome.result.finalists;
  const finalists = [winner!, finalistOf(outcome, candidateOf(choice, outcome.space))];
  return { ...outcome, result: { ...outcome.result, finalists } };
}

function finalistOf(outcome: TuneOutcome, candidate: Candidate): Finalist {
  const runner = runnerOf(outcome);
  const runs = [2, 3, 4, 5, 6].map((replication) => runner.run({ candidate, replication, share: 1 }));
  return { candidate, runs, score: scoreOf(runs, { objective: OBJECTIVE }), dropped: false };
}

function runnerOf({ loaded: { spec, resources }, space }: TuneOutcome): JobRunner {
  return new JobRunner({ spec, resources, space });
}

async function calibrationFolder(client: InferenceClient, { profiles }: Settings): Promise<string> {
  if (profiles !== undefined) return resolve(profiles);
  const out = join(WORK, 'calibration');
  // The time that it takes counts, so that nothing of an earlier run may be left.
  await rm(out, { recursive: true, force: true });
  await calibrateServer({
    client,
    models: MODELS,
    out,
    budgetS: CALIBRATION_S,
    design: { ...DEFAULT_DESIGN, largestBatch: 8 },
    onProgress: ({ experiment, number, of }) => say(`calibrating ${number}/${of} ${experiment.id}`),
  });
  return resolve(out);
}

/** One closed loop for each model; configurations as the server has them in force. */
async function writeScenario(client: InferenceClient, profiles: string, isDry: boolean): Promise<string> {
  const configs = await Promise.all(MODELS.map(async (model) => (await client.modelConfig(model)).config));
  const scenario = {
    perseus: 1,
    name: 'two networks',
    durationS: isDry ? 2 : DURATION_S,
    warmUpS: isDry ? 0.5 : WARM_UP_S,
    profiles: [profiles],
    servers: [
      {
        name: 'triton',
        models: configs.map((config) => ({ name: config.name, config: writeModelConfigFields(config) })),
      },
    ],
    tenants: MODELS.map((model) => ({ name: model, model, load: { closedLoop: { concurrency: 1 } } })),
  };
  const file = join(WORK, 'scenario.yaml');
  await writeFileAtomically(file, stringify(scenario, { lineWidth: 110 }));
  return file;
}

async function timed<Result>(act: () => Promise<Result>): Promise<readonly [Result, number]> {
  const started = performance.now();
  const result = await act();
  return [result, (performance.now() - started) / 1000];
}

function everyTwoSeconds(): (text: string) => void {
  let last = performance.now();
  return (text) => {
    if (performance.now() - last < 2000) return;
    last = performance.now();
    say(text);
  };
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

await main();
