import type { CommandModule } from 'yargs';
import { convertCommand } from './convert.js';
import { describeCommand } from './describe.js';
import { generateCommand } from './generate.js';
import { importCommand } from './import.js';
import { mapCommand } from './map.js';
import { mergeCommand } from './merge.js';
import { renameCommand } from './rename.js';
import { scaleCommand } from './scale.js';
import { selectCommand } from './select.js';
import { sliceCommand } from './slice.js';

/** What `perseus trace` can do. Loaded only for it, so that other commands start sooner. */
// biome-ignore lint/suspicious/noExplicitAny: yargs types a list of commands with different options no other way
export const subcommands: readonly CommandModule<object, any>[] = [
  describeCommand,
  generateCommand,
  importCommand,
  scaleCommand,
  sliceCommand,
  mergeCommand,
  selectCommand,
  mapCommand,
  renameCommand,
  convertCommand,
];
