import { command } from '../../command.js';
import { fileArgument, outOption, readSource, writeOptions } from './options.js';
import { writeAndTell } from './write.js';

export const convertCommand = command({
  command: 'convert <file> <out>',
  describe: 'The same trace in another format',
  builder: (yargs) =>
    yargs
      .positional('file', fileArgument)
      .positional('out', { type: 'string', demandOption: true, describe: outOption.describe })
      .option('sort', {
        type: 'boolean',
        default: false,
        describe: 'Sort rows that are not in order of arrival',
      })
      .option('tenant', {
        type: 'string',
        describe: 'Whose requests they are, where the file does not say',
      })
      .option('json', writeOptions.json)
      .example('$0 trace convert traces/nasa-1995-busiest-hour.csv.gz nasa.parquet', 'CSV to Parquet'),
  handler: async (args) => {
    await writeAndTell(args, await readSource(args, [], { sort: args.sort, tenant: args.tenant }));
  },
});
