import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TritonFailure } from './failure.js';
import { SOURCES, tritonFolder } from './folders.js';

/** A Triton that is set up: a virtual environment that holds server and packages of the models. */
export type Installation = Readonly<ReturnType<typeof describeInstallation>>;

/** A Python that Triton's python backend can run models with; written once everything is in place. */
export interface InstallationFacts {
  /** Its command. */
  readonly basePython: string;
  /** Major and minor, e.g. `3.11`. */
  readonly pythonVersion: string;
  /** Folder of the shared library of this very version. */
  readonly pythonLibraries: string;
}

export const FACTS_FILE = 'installation.json';
export const REQUIREMENTS = join(SOURCES, 'requirements.txt');

/** The installation for the requirements of this checkout, or undefined when there is none that is whole. */
export function findInstallation(folder = tritonFolder()): Installation | undefined {
  const installed = installationFolder(folder);
  try {
    const facts = JSON.parse(readFileSync(join(installed, FACTS_FILE), 'utf8')) as InstallationFacts;
    const installation = describeInstallation(installed, facts);
    // The Python that it rests on may have gone since.
    return existsSync(installation.python) && existsSync(installation.server) ? installation : undefined;
  } catch {
    return undefined;
  }
}

/** @throws TritonFailure where nothing is set up */
export function requireInstallation(): Installation {
  const installation = findInstallation();
  if (installation === undefined) throw new TritonFailure('no Triton here: npm run triton -- setup');
  return installation;
}

/**
 * Named after the requirements: other requirements make another folder, so that packages never change under
 * a server that runs, and checkouts may share a place.
 */
export function installationFolder(folder: string): string {
  const packages = readFileSync(REQUIREMENTS, 'utf8')
    .split('\n')
    .filter((line) => /^\w/.test(line));
  const key = createHash('sha256').update(packages.sort().join('\n')).digest('hex').slice(0, 10);
  return join(folder, `install-${key}`);
}

export function describeInstallation(folder: string, { pythonVersion, ...python }: InstallationFacts) {
  const packages = join(folder, 'venv/lib', `python${pythonVersion}`, 'site-packages');
  const triton = join(packages, 'pytriton/tritonserver');
  return {
    /** What belongs to this version of the requirements; its parent holds what several versions may share. */
    folder,
    python: join(folder, 'venv/bin/python'),
    server: join(triton, 'bin/tritonserver'),
    backends: join(triton, 'backends'),
    caches: join(triton, 'caches'),
    /** Libraries that came with the server. */
    serverLibraries: join(packages, 'nvidia_pytriton.libs'),
    ...python,
  };
}
