import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { TritonFailure } from './failure.js';
import type { InstallationFacts } from './installation.js';

const NAMES = ['python3', 'python3.12', 'python3.11', 'python3.10', 'python3.13', 'python3.9', 'python3.8'];
/** Minor versions of Python 3 that the wheel has stubs for. */
const FIRST_MINOR = 8;
const LAST_MINOR = 13;

/**
 * The first Python that fits: the given one, or `python3` and its versions on the PATH.
 * @throws TritonFailure that says for the first of them what it lacks and how to get it
 */
export function findPython(given?: string): InstallationFacts {
  const names = given === undefined ? NAMES : [given];
  const attempts = names.map(inspect);
  const found = attempts.find((attempt): attempt is InstallationFacts => typeof attempt !== 'string');
  if (found) return found;
  const known = attempts.filter((attempt) => attempt !== undefined);
  throw new TritonFailure(
    ...(known.length > 0 ? [known[0] as string] : [`missing: ${names[0]}; apt install python3 python3-venv`]),
  );
}

const FACTS = `
import importlib.util, json, sys, sysconfig
variables = sysconfig.get_config_vars()
print(json.dumps({
  "minor": sys.version_info[1] if sys.version_info[0] == 3 else -1,
  "version": "%d.%d" % sys.version_info[:2],
  "folders": [variables.get("LIBDIR"), variables.get("LIBPL"), sys.base_prefix + "/lib"],
  "canMakeEnvironments": all(importlib.util.find_spec(name) for name in ("venv", "ensurepip")),
}))`;

interface Facts {
  readonly minor: number;
  readonly version: string;
  readonly folders: readonly (string | null)[];
  readonly canMakeEnvironments: boolean;
}

/** The Python of that name; what it lacks; or undefined when there is none. */
function inspect(command: string): InstallationFacts | string | undefined {
  const facts = factsOf(command);
  if (facts === undefined) return undefined;
  const { minor, version } = facts;
  if (minor < FIRST_MINOR || minor > LAST_MINOR) {
    return `missing: a Python from 3.${FIRST_MINOR} to 3.${LAST_MINOR} (${command} is ${version}); apt install python3, or name one with --python`;
  }
  if (!facts.canMakeEnvironments) {
    return `missing: pip and venv of ${command} ${version}; apt install python3-venv`;
  }
  const library = `libpython${version}.so.1.0`;
  const folders = [...facts.folders, '/usr/lib/x86_64-linux-gnu', '/usr/lib64', '/usr/local/lib'];
  const pythonLibraries = folders.find((folder) => folder !== null && existsSync(join(folder, library)));
  if (!pythonLibraries) {
    return `missing: ${library}; apt install libpython${version}, or a Python built with --enable-shared`;
  }
  return { basePython: command, pythonVersion: version, pythonLibraries };
}

function factsOf(command: string): Facts | undefined {
  try {
    const output = execFileSync(command, ['-c', FACTS], { stdio: ['ignore', 'pipe', 'ignore'] });
    return JSON.parse(output.toString()) as Facts;
  } catch {
    return undefined;
  }
}
