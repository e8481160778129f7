import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { TritonFailure } from './failure.js';
import { SOURCES } from './folders.js';
import type { Installation } from './installation.js';
import { lastLines, runProgram } from './run-program.js';

/** A network that `triton/build_network.py` can build. */
export interface Network {
  readonly architecture: 'mobilenet_v1' | 'resnet18' | 'mlp';
  /** Edge of the square image in pixels, or width of the layers of the MLP. */
  readonly size: number;
}

const BUILDER = join(SOURCES, 'build_network.py');
const IMAGE_CHANNELS = 3;
const CLASSES = 1000;

/** Shapes without the batch dimension. */
export function networkDims({ architecture, size }: Network): { input: number[]; output: number[] } {
  if (architecture === 'mlp') return { input: [size], output: [size] };
  return { input: [IMAGE_CHANNELS, size, size], output: [CLASSES] };
}

/** The network as an ONNX file; built once and kept beside the installation, by network and builder. */
export async function buildNetwork(installation: Installation, network: Network): Promise<string> {
  const { architecture, size } = network;
  const key = createHash('sha256').update(readFileSync(BUILDER)).digest('hex').slice(0, 10);
  const folder = join(installation.folder, 'networks');
  const file = join(folder, `${architecture}-${size}-${key}.onnx`);
  if (existsSync(file)) return file;
  await mkdir(folder, { recursive: true });
  const workplace = await mkdtemp(join(folder, '.build-'));
  try {
    const built = join(workplace, basename(file));
    const words = [BUILDER, architecture, '--size', String(size), '--out', built];
    const { exitCode, output } = await runProgram(installation.python, words);
    if (exitCode !== 0) throw new TritonFailure(`${architecture} cannot be built:`, ...lastLines(output, 3));
    await rename(built, file);
  } finally {
    await rm(workplace, { recursive: true, force: true });
  }
  return file;
}
