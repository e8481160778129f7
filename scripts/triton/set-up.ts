import { chmod, copyFile, mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writeFileAtomically } from '../../src/node/files/atomic-write.js';
import { TritonFailure } from './failure.js';
import { tritonFolder } from './folders.js';
import {
  describeInstallation,
  FACTS_FILE,
  findInstallation,
  type Installation,
  type InstallationFacts,
  installationFolder,
  REQUIREMENTS,
} from './installation.js';
import { withLock } from './lock.js';
import { missingOnMachine } from './machine.js';
import { findPython } from './python.js';
import { lastLines, runProgram } from './run-program.js';

export interface SetUpOptions {
  /** Where to; the folder of the checkout where left out. */
  readonly folder?: string | undefined;
  /** Command of the Python to use; the first that fits where left out. */
  readonly python?: string | undefined;
  readonly onStep?: (step: string) => void;
}

/**
 * The installation for the requirements of this checkout; makes it when there is none.
 * @throws TritonFailure with one line for each thing that is missing
 */
export async function setUp({
  folder = tritonFolder(),
  python,
  onStep,
}: SetUpOptions = {}): Promise<Installation> {
  const found = findInstallation(folder);
  if (found) return requireSamePython(found, python);
  const chosen = requireMachine(python);
  return withLock(
    join(folder, 'setup.lock'),
    () => onStep?.('another setup is under way: waiting for it'),
    () =>
      // Whoever held the lock before may have done the work.
      Promise.resolve(findInstallation(folder) ?? install(installationFolder(folder), chosen, onStep)),
  );
}

function requireSamePython(found: Installation, python: string | undefined): Installation {
  if (python === undefined || python === found.basePython) return found;
  throw new TritonFailure(`set up already, with ${found.basePython}; npm run triton -- clean removes that`);
}

/** Everything that is missing is told at once. */
function requireMachine(given: string | undefined): InstallationFacts {
  const missing = missingOnMachine();
  try {
    const python = findPython(given);
    if (missing.length === 0) return python;
  } catch (error) {
    if (!(error instanceof TritonFailure)) throw error;
    missing.push(error.message);
  }
  throw new TritonFailure(...missing);
}

async function install(
  folder: string,
  facts: InstallationFacts,
  onStep?: (step: string) => void,
): Promise<Installation> {
  const { basePython, pythonVersion } = facts;
  const installation = describeInstallation(folder, facts);
  // What an interrupted setup has left.
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  onStep?.(`virtual environment of ${basePython} ${pythonVersion}`);
  await requireSuccess(basePython, ['-m', 'venv', join(folder, 'venv')]);
  onStep?.('packages: about 110 MB to download');
  await installPackages(installation.python, REQUIREMENTS);
  onStep?.('the python backend');
  await placeStub(installation, pythonVersion);
  await writeFileAtomically(join(folder, FACTS_FILE), `${JSON.stringify(facts, null, 2)}\n`);
  return installation;
}

/** Installs exactly what the file names, into the environment or into a folder. */
export async function installPackages(python: string, requirements: string, target?: string): Promise<void> {
  const words = ['-m', 'pip', 'install', '--no-deps', '--only-binary', ':all:', '--no-input'];
  const quiet = ['--disable-pip-version-check', '--no-warn-script-location', '--progress-bar', 'off'];
  const into = target === undefined ? [] : ['--target', target];
  await requireSuccess(
    python,
    [...words, ...quiet, ...into, '-r', requirements],
    `missing: a package index that pip reaches and that has what ${requirements} names; connect to one, or set PIP_INDEX_URL`,
  );
}

/** The server looks for the stub of its models' Python beside the backend. */
async function placeStub({ backends, server }: Installation, version: string): Promise<void> {
  const stub = 'triton_python_backend_stub';
  const source = join(dirname(backends), 'python_backend_stubs', version, stub);
  const placed = join(backends, 'python', stub);
  await copyFile(source, placed);
  await chmod(placed, 0o755);
  await chmod(server, 0o755);
}

/** `missing`: what a failure comes of, and how to get it, where that is known; the program's own words follow. */
async function requireSuccess(command: string, words: readonly string[], missing?: string): Promise<void> {
  const { exitCode, output } = await runProgram(command, words);
  if (exitCode === 0) return;
  const said = lastLines(output, 3).map((line) => `  ${line}`);
  const failed = `${command} ${words.slice(0, 3).join(' ')} failed:`;
  throw new TritonFailure(...(missing === undefined ? [failed] : [missing, failed]), ...said);
}
