import { readdirSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { TritonFailure } from './failure.js';
import { runProgram } from './run-program.js';

const MISSING =
  'missing: mpiexec of Open MPI, with which Model Analyzer loads several models at once; apt install openmpi-bin';

/**
 * The library of the Open MPI on the PATH: perf_analyzer loads it by a name (`libmpi.so`) that only development
 * packages bring.
 * @throws TritonFailure where there is no Open MPI
 */
export async function findOpenMpiLibrary(): Promise<string> {
  const { output } = await runProgram('mpiexec', ['--version']).catch(() => ({ output: '' }));
  if (!/open.?mpi|openrte/i.test(output)) throw new TritonFailure(MISSING);
  const command = realpathSync(onPath('mpiexec'));
  const linked = await runProgram('ldd', [command]).catch(() => ({ output: '' }));
  const beside = [...linked.output.matchAll(/=> (\/\S+)/g)].map(([, library]) => dirname(library!));
  const folders = new Set([...beside, join(dirname(command), '../lib')]);
  const library = [...folders].flatMap(mpiLibraries)[0];
  if (library === undefined) throw new TritonFailure(MISSING);
  return library;
}

function onPath(command: string): string {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return join(folders.find((folder) => namesIn(folder).includes(command)) ?? '', command);
}

function mpiLibraries(folder: string): string[] {
  return namesIn(folder)
    .filter((name) => /^libmpi\.so(\.\d+)?$/.test(name))
    .map((name) => join(folder, name));
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
