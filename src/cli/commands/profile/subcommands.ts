import type { CommandModule } from 'yargs';
import { checkCommand } from './check.js';
import { driftCommand } from './drift.js';
import { importCommand } from './import.js';
import { showCommand } from './show.js';

// biome-ignore lint/suspicious/noExplicitAny: yargs types a list of commands with different options no other way
export const subcommands: readonly CommandModule<object, any>[] = [
  showCommand,
  checkCommand,
  importCommand,
  driftCommand,
];
