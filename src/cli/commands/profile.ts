import type { CommandModule } from 'yargs';
import { checkCommand } from './profile/check.js';
import { driftCommand } from './profile/drift.js';
import { importCommand } from './profile/import.js';
import { showCommand } from './profile/show.js';

// biome-ignore lint/suspicious/noExplicitAny: yargs types a list of commands with different options no other way
const subcommands: readonly CommandModule<object, any>[] = [
  showCommand,
  checkCommand,
  importCommand,
  driftCommand,
];

export const profileCommand: CommandModule = {
  command: 'profile',
  describe: 'What profiles say and where they may be trusted; make them of other measurements, find drift',
  builder: (yargs) =>
    yargs
      .command([...subcommands])
      .demandCommand(1, 'Name what to do with profiles; perseus profile --help lists it.'),
  handler: () => {},
};
