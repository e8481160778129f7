import { delimiter, dirname } from 'node:path';
import type { Installation } from './installation.js';

/** What `tritonserver` needs to find in its environment, besides what is there already. */
export function serverEnvironment(installation: Installation): Readonly<Record<string, string>> {
  return {
    LD_LIBRARY_PATH: [installation.serverLibraries, installation.pythonLibraries].join(delimiter),
    PATH: [dirname(installation.python), process.env['PATH'] ?? ''].join(delimiter),
    // numpy would start a thread for every core in every stub.
    OPENBLAS_NUM_THREADS: '1',
    // Weights in huge pages where the kernel has some: with small ones it is chance which physical pages a process gets,
    // and two processes of one network differ by up to 18 % (results/live/history.md).
    GLIBC_TUNABLES: process.env['GLIBC_TUNABLES'] ?? 'glibc.malloc.hugetlb=1',
  };
}
