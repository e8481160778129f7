import { copyFile, link, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFolderAtomically } from '../../src/node/files/atomic-write.js';
import { configText } from './config-text.js';
import { TritonFailure } from './failure.js';
import { SOURCES } from './folders.js';
import { findInstallation, type Installation } from './installation.js';
import { buildNetwork } from './networks.js';
import type { OnnxModel, RepositoryModel } from './repository-model.js';

/**
 * Writes a model repository for Triton; a repository that lies there is replaced as a whole. Networks are
 * built by `installation`, which is the one of this checkout where left out.
 */
export async function writeRepository(
  folder: string,
  models: readonly RepositoryModel[],
  installation?: Installation,
): Promise<void> {
  await writeFolderAtomically(folder, async (temporary) => {
    for (const model of models) await writeModel(temporary, model, installation);
  });
}

/** Writes, or replaces, one model of a repository: a server in explicit mode then loads it when told to. */
export async function writeModel(
  repository: string,
  model: RepositoryModel,
  installation?: Installation,
): Promise<void> {
  const folder = join(repository, model.name);
  await rm(folder, { recursive: true, force: true });
  await mkdir(join(folder, '1'), { recursive: true });
  await writeFile(join(folder, 'config.pbtxt'), configText(model));
  if (model.kind === 'onnx') await writeNetwork(join(folder, '1'), model, installation);
  else if (model.kind === 'composed') {
    await writeScript(join(folder, '1'), 'composed.py');
    await copyFile(join(SOURCES, 'models/sleeping.py'), join(folder, '1/sleeping.py'));
  } else if (model.kind !== 'ensemble') await writeScript(join(folder, '1'), 'sleeping.py');
}

async function writeNetwork(folder: string, model: OnnxModel, given?: Installation): Promise<void> {
  const installation = given ?? findInstallation();
  if (!installation)
    throw new TritonFailure('networks need a Triton that is set up: npm run triton -- setup');
  await placeFile(await buildNetwork(installation, model.network), join(folder, 'model.onnx'));
  if (model.backend !== 'onnxruntime') await writeScript(folder, 'onnx.py');
}

async function writeScript(folder: string, script: string): Promise<void> {
  await copyFile(join(SOURCES, 'models', script), join(folder, 'model.py'));
  await copyFile(join(SOURCES, 'models/tensors.py'), join(folder, 'tensors.py'));
}

/** Repositories may hold a network many times, and the file system only once. */
async function placeFile(source: string, target: string): Promise<void> {
  await link(source, target).catch(() => copyFile(source, target));
}
