import { rmSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { CommandModule } from 'yargs';
import { TritonFailure } from '../failure.js';
import { tritonFolder } from '../folders.js';
import { runningServers } from '../server-records.js';
import { print, type SharedOptions, sharedOptions } from './shared-options.js';

/** What we put there; nothing else is touched. */
const OURS = /^(install-[0-9a-f]{10}|repository|run|setup\.lock)$/;

export const cleanCommand: CommandModule<object, SharedOptions> = {
  command: 'clean',
  describe: 'Remove the installation, the sample repository and the logs',
  builder: (yargs) => sharedOptions(yargs).example('npm run triton -- clean', ''),
  handler: async ({ dir }) => {
    const folder = tritonFolder(dir);
    const running = runningServers(folder);
    if (running.length > 0) {
      throw new TritonFailure(`${running[0]!.url} still runs; npm run triton -- stop ends it`);
    }
    for (const name of (await readdir(folder)).filter((entry) => OURS.test(entry))) {
      rmSync(join(folder, name), { recursive: true, force: true });
      print(`removed ${join(folder, name)}`);
    }
  },
};
