import { existsSync } from 'node:fs';

/** The server binary is built for this version of the C library and later ones. */
const LEAST_GLIBC = [2, 35] as const;

/** What the machine lacks to run Triton: one line each, with how to get it. */
export function missingOnMachine(): string[] {
  return [
    machineProblem(process.platform, process.arch),
    glibcProblem(glibcVersion()),
    sharedMemoryProblem(),
  ].filter((problem) => problem !== undefined);
}

function machineProblem(platform: string, arch: string): string | undefined {
  if (platform === 'linux' && arch === 'x64') return undefined;
  return `missing: Linux on x86-64 (this is ${platform} on ${arch}); use a Triton elsewhere with --url`;
}

/** `version` is undefined where the C library is another one than glibc. */
export function glibcProblem(version: string | undefined): string | undefined {
  const [major = 0, minor = 0] = (version ?? '').split('.').map(Number);
  const [leastMajor, leastMinor] = LEAST_GLIBC;
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return undefined;
  const found = version === undefined ? 'no glibc here' : `here is ${version}`;
  return `missing: glibc ${leastMajor}.${leastMinor} or later (${found}); use Debian 12, Ubuntu 22.04 or later`;
}

function glibcVersion(): string | undefined {
  // Without this a report looks up the name of every connection; the types do not know it yet.
  const report = process.report as NodeJS.ProcessReport & { excludeNetwork?: boolean };
  report.excludeNetwork = true;
  const { header } = report.getReport() as { header: { glibcVersionRuntime?: string } };
  return header.glibcVersionRuntime;
}

function sharedMemoryProblem(): string | undefined {
  if (existsSync('/dev/shm')) return undefined;
  return 'missing: /dev/shm, over which server and models exchange tensors; mount -t tmpfs tmpfs /dev/shm';
}
