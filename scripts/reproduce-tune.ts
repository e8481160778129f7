import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { InputError } from '../src/base/problem.js';
import { COUNT, requireNumbers } from '../src/cli/number-options.js';
import { writeFileAtomically } from '../src/node/files/atomic-write.js';
import { runScript, say } from './support/run-script.js';
import { scriptOptions } from './support/script-options.js';
import { type Installation, requireInstallation } from './triton/installation.js';
import { prepareModelAnalyzer } from './triton/model-analyzer.js';
import { onServer } from './triton/on-server.js';
import { preparePerfAnalyzer } from './triton/perf-analyzer.js';
import { SAMPLE_MODELS } from './triton/sample-models.js';
import { writeRepository } from './triton/write-repository.js';
import { searchWithModelAnalyzer } from './tune/model-analyzer-search.js';
import { DRY, type Effort, FULL, MODELS } from './tune/question.js';
import { type RecordedSearch, readRecordedSearch } from './tune/recorded-search.js';
import { reproduce } from './tune/reproduce.js';
import { casesOf, resultsMarkdown } from './tune/results.js';

const RESULTS = 'results/tune';
const WORK = resolve('.tmp/tune');

const USAGE = `usage: npm run reproduce:tune -- [--record FILE | --against FILE] [--profiles FOLDER] [--rounds N] [--json FILE]
  --record FILE      let Model Analyzer search first (installed when needed), write to FILE what it chose and
                     measured, and compare with that; also with what FILE held before, of an earlier search
  --against FILE     compare with what an earlier --record wrote
  --profiles FOLDER  a calibration of ${MODELS.join(' and ')}; measured first where left out (${FULL.calibrationS} s)
  --rounds N         live measurements of each choice, in turns; 3 where left out
  --dry-run          smallest search, 2 s runs, one round, no results written: does everything work?
  --json FILE        also write the figures
Needs npm run triton -- setup; --record also mpiexec (apt install openmpi-bin).
About 6 minutes on a quiet machine, with --record 10; others at work make Model Analyzer repeat its measurements.
`;

async function main(): Promise<void> {
  const values = scriptOptions(USAGE, {
    record: { type: 'string' },
    against: { type: 'string' },
    profiles: { type: 'string' },
    rounds: { type: 'string', default: '3' },
    'dry-run': { type: 'boolean', default: false },
    json: { type: 'string' },
  });
  const { record, against, profiles, 'dry-run': isDry } = values;
  if (record !== undefined && against !== undefined) {
    throw InputError.of('--record and --against exclude each other', 'give one of them');
  }
  const rounds = isDry ? 1 : Number(values.rounds);
  requireNumbers({ rounds: [rounds, COUNT] });
  const effort = isDry ? DRY : FULL;
  const stand = await prepareStand(effort);
  const earlier = record !== undefined && existsSync(record) ? await readRecordedSearch(record) : undefined;
  const recorded = record === undefined ? await readIfGiven(against) : await recordSearch(record, stand);
  const options = { work: WORK, profiles, recorded, earlier, rounds, effort, progress: say };
  const logFile = join(WORK, 'server.log');
  const reproduction = await onServer({ ...stand, logFile }, (client) => reproduce(client, options));
  if (values.json !== undefined) {
    const cases = casesOf(reproduction);
    await writeFileAtomically(values.json, `${JSON.stringify({ cases }, undefined, 1)}\n`);
  }
  const page = resultsMarkdown(reproduction);
  if (!isDry) await writeFileAtomically(join(RESULTS, 'README.md'), page);
  process.stdout.write(page);
  if (isDry) say('everything works; the figures of a dry run mean nothing');
}

/** Where both tuners work. */
interface Stand {
  readonly installation: Installation;
  /** Both models as the samples have them: one instance, batches up to 8. */
  readonly repository: string;
  readonly effort: Effort;
}

async function prepareStand(effort: Effort): Promise<Stand> {
  const installation = requireInstallation();
  const repository = join(WORK, 'repository');
  const models = SAMPLE_MODELS.filter(({ name }) => MODELS.includes(name));
  await writeRepository(repository, models, installation);
  return { installation, repository, effort };
}

async function readIfGiven(file: string | undefined): Promise<RecordedSearch | undefined> {
  return file === undefined ? undefined : readRecordedSearch(file);
}

/** Lets Model Analyzer search; what it found goes to the file. */
async function recordSearch(
  file: string,
  { installation, repository, effort }: Stand,
): Promise<RecordedSearch> {
  const onStep = (step: string) => say(`setup: ${step}`);
  const modelAnalyzer = await prepareModelAnalyzer(installation, onStep);
  const perfAnalyzer = await preparePerfAnalyzer(installation, onStep);
  const recorded = await searchWithModelAnalyzer({
    installation,
    modelAnalyzer,
    perfAnalyzer,
    repository,
    models: MODELS,
    limits: effort.limits,
    folder: join(WORK, 'model-analyzer'),
    onProgress: say,
  });
  await writeFileAtomically(file, `${JSON.stringify(recorded, undefined, 1)}\n`);
  say(`${file}: ${recorded.points.length} points in ${recorded.seconds.toFixed(0)} s`);
  return recorded;
}

await runScript(main);
