import type { CommandModule } from 'yargs';
import { say } from '../../support/run-script.js';
import { tritonFolder } from '../folders.js';
import { setUp } from '../set-up.js';
import { print, type SharedOptions, sharedOptions } from './shared-options.js';

interface SetupArguments extends SharedOptions {
  readonly python: string | undefined;
}

export const setupCommand: CommandModule<object, SetupArguments> = {
  command: 'setup',
  describe: 'Install the server and the packages of its models, once',
  builder: (yargs) =>
    sharedOptions(yargs)
      .option('python', { type: 'string', describe: 'Python 3.8 to 3.13 to use; the first found otherwise' })
      .example('npm run triton -- setup', 'about 400 MB into .triton/'),
  handler: async ({ dir, python }) => {
    const startMs = performance.now();
    const folder = tritonFolder(dir);
    const { folder: installed } = await setUp({ folder, python, onStep: (step) => say(`setup: ${step}`) });
    print(`${installed}: ready after ${((performance.now() - startMs) / 1000).toFixed(1)} s`);
  },
};
