import { rmSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { InputError } from '../../../src/base/problem.js';
import { requireNewFolderPlace } from '../../../src/node/files/output-places.js';
import { say } from '../../support/run-script.js';
import { TritonFailure } from '../failure.js';
import { tritonFolder } from '../folders.js';
import { preparePerfAnalyzer, runPerfAnalyzer } from '../perf-analyzer.js';
import { SAMPLE_MODELS } from '../sample-models.js';
import { runningServers } from '../server-records.js';
import { writeRepository } from '../write-repository.js';
import { type AddCommand, installedIn, print, sharedOptions } from './shared-options.js';

export const addSetup: AddCommand = (yargs) =>
  yargs.command(
    'setup',
    'Install the server and the packages of its models, once',
    (options) =>
      sharedOptions(options)
        .option('python', {
          type: 'string',
          describe: 'Python 3.8 to 3.13 to use; the first found otherwise',
        })
        .example('npm run triton -- setup', 'about 400 MB into .triton/'),
    async ({ dir, python }) => {
      const startMs = performance.now();
      const { folder } = await installedIn(dir, python);
      print(`${folder}: ready after ${((performance.now() - startMs) / 1000).toFixed(1)} s`);
    },
  );

/** What we put there; nothing else is touched. */
const OURS = /^(install-[0-9a-f]{10}|repository|run|setup\.lock)$/;

export const addClean: AddCommand = (yargs) =>
  yargs.command(
    'clean',
    'Remove the installation, the sample repository and the logs',
    (options) => sharedOptions(options).example('npm run triton -- clean', ''),
    async ({ dir }) => {
      const folder = tritonFolder(dir);
      const [running] = runningServers(folder);
      if (running !== undefined)
        throw new TritonFailure(`${running.url} still runs; npm run triton -- stop ends it`);
      for (const name of (await readdir(folder)).filter((entry) => OURS.test(entry))) {
        rmSync(join(folder, name), { recursive: true, force: true });
        print(`removed ${join(folder, name)}`);
      }
    },
  );

export const addRepository: AddCommand = (yargs) =>
  yargs.command(
    'repository',
    'Write the sample models to a folder, to change them or to serve them elsewhere',
    (options) =>
      sharedOptions(options)
        .option('out', { type: 'string', demandOption: true, describe: 'Folder to write' })
        .option('onnx-backend', {
          choices: ['python', 'onnxruntime'] as const,
          default: 'python' as const,
          describe: "onnxruntime: for NVIDIA's images, which have that backend",
        })
        .option('onnx-instances', {
          choices: ['cpu', 'gpu'] as const,
          default: 'cpu' as const,
          describe: 'Where instances of the networks run',
        })
        .example(
          'npm run triton -- repository --out models --onnx-backend onnxruntime --onnx-instances gpu',
          '',
        ),
    async ({ dir, onnxBackend: backend, onnxInstances, ...given }) => {
      const out = resolve(given.out);
      await requireNothingThere(out);
      const installation = await installedIn(dir);
      const instanceKind = onnxInstances === 'gpu' ? ('KIND_GPU' as const) : ('KIND_CPU' as const);
      const models = SAMPLE_MODELS.map((model) =>
        model.kind === 'onnx' ? { ...model, backend, instanceKind } : model,
      );
      await writeRepository(out, models, installation);
      print(`${out}: ${models.map(({ name }) => name).join(', ')}`);
    },
  );

/** The models are written to be changed: a repository of before may hold somebody's work. */
async function requireNothingThere(out: string): Promise<void> {
  const entries = await readdir(out).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  if (entries.length > 0)
    throw InputError.of(`${out} is not empty`, 'name another folder, or delete this one');
  await requireNewFolderPlace('--out', out);
}

/** Only for the help: its words are perf_analyzer's own and go to {@link perfAnalyzer} unread. */
export const addPerfAnalyzer: AddCommand = (yargs) =>
  yargs.command(
    'perf-analyzer [words..]',
    "Run NVIDIA's perf_analyzer with the words that follow; installs it when needed",
    (options) =>
      sharedOptions(options).example(
        'npm run triton -- perf-analyzer -m sleep_small --concurrency-range 1:4',
        'against 127.0.0.1:8001 where no -u is given',
      ),
    () => {},
  );

export async function perfAnalyzer(words: readonly string[]): Promise<number> {
  const installation = await installedIn(undefined);
  const analyzer = await preparePerfAnalyzer(installation, (step) => say(`setup: ${step}`));
  return runPerfAnalyzer(analyzer, words);
}
