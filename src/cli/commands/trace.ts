import type { CommandModule } from 'yargs';
import { checkValues } from './trace/check-values.js';
import { convertCommand } from './trace/convert.js';
import { describeCommand } from './trace/describe.js';
import { generateCommand } from './trace/generate.js';
import { importCommand } from './trace/import.js';
import { mapCommand } from './trace/map.js';
import { mergeCommand } from './trace/merge.js';
import { renameCommand } from './trace/rename.js';
import { scaleCommand } from './trace/scale.js';
import { selectCommand } from './trace/select.js';
import { sliceCommand } from './trace/slice.js';
import { thinCommand } from './trace/thin.js';

// biome-ignore lint/suspicious/noExplicitAny: yargs types a list of commands with different options no other way
const subcommands: readonly CommandModule<object, any>[] = [
  describeCommand,
  generateCommand,
  importCommand,
  scaleCommand,
  thinCommand,
  sliceCommand,
  mergeCommand,
  selectCommand,
  mapCommand,
  renameCommand,
  convertCommand,
];

export const traceCommand: CommandModule = {
  command: 'trace',
  describe: 'Traces in, traces out: describe, generate, import, scale and more',
  builder: (yargs) =>
    yargs
      // Of an option given twice the last one counts, as in most programs.
      .parserConfiguration({ 'duplicate-arguments-array': false })
      .command([...subcommands])
      .demandCommand(1, 'Name what to do with a trace; perseus trace --help lists it.')
      .check(checkValues, true),
  handler: () => {},
};
