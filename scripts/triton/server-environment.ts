import { delimiter, dirname } from 'node:path';
import type { Installation } from './installation.js';

/** What `tritonserver` needs to find in its environment, besides what is there already. */
export function serverEnvironment(installation: Installation): Readonly<Record<string, string>> {
  return {
    LD_LIBRARY_PATH: [installation.serverLibraries, installation.pythonLibraries].join(delimiter),
    PATH: [dirname(installation.python), process.env['PATH'] ?? ''].join(delimiter),
    // numpy would start a thread for every core in every stub.
    OPENBLAS_NUM_THREADS: '1',
  };
}
