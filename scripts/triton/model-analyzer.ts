import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '../../src/node/files/atomic-write.js';
import { TritonFailure } from './failure.js';
import { SOURCES } from './folders.js';
import type { Installation } from './installation.js';
import { withLock } from './lock.js';
import { findOpenMpiLibrary } from './open-mpi.js';
import { lastLines, runProgram } from './run-program.js';
import { installPackages } from './set-up.js';

/** NVIDIA's tuner: how to start it. */
export interface ModelAnalyzer {
  readonly command: string;
  /** Of Open MPI, for perf_analyzer to load as `libmpi.so`. */
  readonly mpiLibrary: string;
}

const REQUIREMENTS = join(SOURCES, 'requirements-model-analyzer.txt');
/** Of what it imports, the first that its newest parts take. */
const LEAST_PYTHON = '3.11';

/** As the requirements pin it. */
export function modelAnalyzerVersion(): string {
  return /^triton-model-analyzer==(\S+)/m.exec(readFileSync(REQUIREMENTS, 'utf8'))![1]!;
}

/**
 * Model Analyzer in an environment of its own; installs it when it is not there, or other packages are asked for.
 * @throws TritonFailure with one line for each thing that is missing
 */
export async function prepareModelAnalyzer(
  installation: Installation,
  onStep?: (step: string) => void,
): Promise<ModelAnalyzer> {
  const [mpi, python] = await Promise.allSettled([findOpenMpiLibrary(), requirePython(installation)]);
  const missing = [mpi, python].flatMap((check) => (check.status === 'rejected' ? [check.reason] : []));
  if (mpi.status === 'rejected' || missing.length > 0) {
    throw new TritonFailure(...missing.map((error: Error) => error.message));
  }
  const folder = join(installation.folder, 'model-analyzer');
  await withLock(
    `${folder}.lock`,
    () => onStep?.('another setup is under way: waiting for it'),
    async () => {
      if (!isWhole(folder)) await install(installation, folder, onStep);
    },
  );
  return { command: join(folder, 'venv/bin/model-analyzer'), mpiLibrary: mpi.value };
}

async function requirePython({ python, basePython }: Installation): Promise<void> {
  const least = LEAST_PYTHON.split('.').join(', ');
  const { exitCode } = await runProgram(python, [
    '-c',
    `import sys; sys.exit(sys.version_info < (${least}))`,
  ]);
  if (exitCode === 0) return;
  throw new TritonFailure(
    `missing: Python ${LEAST_PYTHON} or later for Model Analyzer (${basePython} is older); npm run triton -- clean, then npm run triton -- setup --python a newer one`,
  );
}

/** Written last: an installation that was interrupted has none, one of other packages has another. */
function markerFile(folder: string): string {
  return join(folder, 'requirements.txt');
}

function isWhole(folder: string): boolean {
  const marker = markerFile(folder);
  return existsSync(marker) && readFileSync(marker, 'utf8') === readFileSync(REQUIREMENTS, 'utf8');
}

async function install(
  { basePython }: Installation,
  folder: string,
  onStep?: (step: string) => void,
): Promise<void> {
  onStep?.('Model Analyzer: about 150 MB to download, 550 MB on disk');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const { exitCode, output } = await runProgram(basePython, ['-m', 'venv', join(folder, 'venv')]);
  if (exitCode !== 0) throw new TritonFailure(`${basePython} -m venv failed:`, ...lastLines(output, 3));
  await installPackages(join(folder, 'venv/bin/python'), REQUIREMENTS);
  await writeFileAtomically(markerFile(folder), readFileSync(REQUIREMENTS));
}
