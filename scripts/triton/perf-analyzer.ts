import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { chmod, mkdir, readFile, symlink } from 'node:fs/promises';
import { constants } from 'node:os';
import { delimiter, join, relative } from 'node:path';
import { writeFolderAtomically } from '../../src/node/files/atomic-write.js';
import { readPerfAnalyzer } from '../../src/trace/import/perf-analyzer.js';
import { TritonFailure } from './failure.js';
import { SOURCES } from './folders.js';
import type { Installation } from './installation.js';
import { HOST, TRITON_PORTS } from './ports.js';
import { installPackages } from './set-up.js';

/** NVIDIA's own measuring tool: how to start it. */
export interface PerfAnalyzer {
  readonly command: string;
  readonly environment: NodeJS.ProcessEnv;
}

const REQUIREMENTS = join(SOURCES, 'requirements-perf-analyzer.txt');
/** Libraries that the binary asks for by these names; the server's wheel has them under longer ones. */
const MISSING_LIBRARIES = [
  { name: 'libb64.so.0d', file: /^libb64-.*\.so\.0d$/ },
  { name: 'libcudart.so.12', file: /^libcudart-.*\.so\.12\./ },
];

/** perf_analyzer for this installation; installs it, in a folder of its own, when it is not there. */
export async function preparePerfAnalyzer(
  installation: Installation,
  onStep?: (step: string) => void,
): Promise<PerfAnalyzer> {
  const folder = join(installation.folder, 'perf-analyzer');
  const command = join(folder, 'bin/perf_analyzer');
  if (!existsSync(command)) {
    onStep?.('perf_analyzer: about 14 MB to download');
    await writeFolderAtomically(folder, (temporary) => install(installation, temporary));
  }
  const libraries = [join(folder, 'libraries'), installation.serverLibraries];
  return { command, environment: { ...process.env, LD_LIBRARY_PATH: libraries.join(delimiter) } };
}

/** Runs perf_analyzer with these words, against gRPC on the usual port where they name no server. */
export function runPerfAnalyzer(analyzer: PerfAnalyzer, words: readonly string[]): Promise<number> {
  const namesServer = words.some((word) => word === '-u' || word === '--url' || word.startsWith('--url='));
  const server = namesServer ? [] : ['-i', 'grpc', '-u', `${HOST}:${TRITON_PORTS.grpc}`];
  return new Promise((resolve, reject) => {
    const child = spawn(analyzer.command, [...server, ...words], {
      stdio: 'inherit',
      env: analyzer.environment,
    });
    // Ctrl-C reaches perf_analyzer too, which then ends on its own terms.
    const wait = () => {};
    process.on('SIGINT', wait);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      process.off('SIGINT', wait);
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}

/** What perf_analyzer sent and saw: each request's time after the first one, and its latency. */
export interface PerfAnalyzerExport {
  /** Of the first request, on a clock that all processes of the machine share. */
  readonly firstNs: number;
  readonly sentUs: readonly number[];
  readonly latencyUs: readonly number[];
}

/** A load for perf_analyzer, in words of its command line. */
export interface PerfAnalyzerLoad {
  readonly model: string;
  readonly words: readonly string[];
  /** Where it writes its export. */
  readonly file: string;
  /** When it has not ended by then it is killed. */
  readonly limitS: number;
}

/** Plays a load over gRPC. Undefined where there is no export: it is empty now and then, or perf_analyzer never ends. */
export async function playLoad(
  { command, environment }: PerfAnalyzer,
  url: string,
  { model, words, file, limitS }: PerfAnalyzerLoad,
): Promise<PerfAnalyzerExport | undefined> {
  const common = [
    ...['-m', model, '-i', 'grpc', '-u', url],
    ...['--input-data', 'zero', '--profile-export-file', file],
  ];
  await new Promise<void>((resolve, reject) => {
    const child = spawn(command, [...common, ...words], {
      ...{ stdio: 'ignore', env: environment, timeout: limitS * 1000, killSignal: 'SIGKILL' },
    });
    child.once('error', reject);
    child.once('close', () => resolve());
  });
  try {
    const text = await readFile(file, 'utf8');
    const { trace, latencyUs } = readPerfAnalyzer(text)[0]!;
    const { requests } = JSON.parse(text).experiments[0] as { requests: { timestamp: number }[] };
    const firstNs = requests.reduce((least, { timestamp }) => Math.min(least, timestamp), Infinity);
    const sentUs = Array.from(trace.arrivalUs);
    return sentUs.length === 0 ? undefined : { firstNs, sentUs, latencyUs: Array.from(latencyUs) };
  } catch {
    return undefined;
  }
}

async function install(installation: Installation, folder: string): Promise<void> {
  await installPackages(installation.python, REQUIREMENTS, folder);
  await chmod(join(folder, 'bin/perf_analyzer'), 0o755);
  const libraries = join(folder, 'libraries');
  await mkdir(libraries);
  const present = readdirSync(installation.serverLibraries);
  for (const { name, file } of MISSING_LIBRARIES) {
    const found = present.find((candidate) => file.test(candidate));
    if (!found) throw new TritonFailure(`missing: ${name} in ${installation.serverLibraries}`);
    // Relative: an installation may be moved.
    await symlink(relative(libraries, join(installation.serverLibraries, found)), join(libraries, name));
  }
}
