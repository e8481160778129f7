import { readdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { CommandModule } from 'yargs';
import { InputError } from '../../../src/base/problem.js';
import { requireNewFolderPlace } from '../../../src/node/files/output-places.js';
import type { InstanceKind } from '../../../src/scenario/model-config.js';
import { say } from '../../support/run-script.js';
import { tritonFolder } from '../folders.js';
import type { RepositoryModel } from '../repository-model.js';
import { SAMPLE_MODELS } from '../sample-models.js';
import { setUp } from '../set-up.js';
import { writeRepository } from '../write-repository.js';
import { print, type SharedOptions, sharedOptions } from './shared-options.js';

interface RepositoryArguments extends SharedOptions {
  readonly out: string;
  readonly 'onnx-backend': 'python' | 'onnxruntime';
  readonly 'onnx-instances': 'cpu' | 'gpu';
}

export const repositoryCommand: CommandModule<object, RepositoryArguments> = {
  command: 'repository',
  describe: 'Write the sample models to a folder, to change them or to serve them elsewhere',
  builder: (yargs) =>
    sharedOptions(yargs)
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
  handler: async (values) => {
    const out = resolve(values.out);
    await requireNothingThere(out);
    const installation = await setUp({
      folder: tritonFolder(values.dir),
      onStep: (step) => say(`setup: ${step}`),
    });
    const kind = values['onnx-instances'] === 'gpu' ? 'KIND_GPU' : 'KIND_CPU';
    const models = SAMPLE_MODELS.map((model) => withBackend(model, values['onnx-backend'], kind));
    await writeRepository(out, models, installation);
    print(`${out}: ${models.map(({ name }) => name).join(', ')}`);
  },
};

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

function withBackend(
  model: RepositoryModel,
  backend: 'python' | 'onnxruntime',
  instanceKind: InstanceKind,
): RepositoryModel {
  return model.kind === 'onnx' ? { ...model, backend, instanceKind } : model;
}
