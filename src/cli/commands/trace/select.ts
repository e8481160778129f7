import { command } from '../../command.js';
import { listedNames } from '../../listed-names.js';
import { fileArgument, readSource, writeOptions } from './options.js';
import { changed, writeAndTell } from './write.js';

export const selectCommand = command({
  command: 'select <file>',
  describe: 'The requests of some tenants',
  builder: (yargs) =>
    yargs
      .positional('file', fileArgument)
      .option('tenants', {
        type: 'string',
        demandOption: true,
        describe: 'Tenants to keep, with commas between them',
      })
      .options(writeOptions)
      .example(
        '$0 trace select traces/azure-llm-2023.csv.gz --tenants conv --out conv.csv',
        'one of two tenants',
      ),
  handler: async (args) => {
    const { selectTenants } = await import('../../../trace/transform.js');
    const trace = await readSource(args, [() => listedNames('--tenants', args.tenants)]);
    const names = listedNames('--tenants', args.tenants);
    const selected = selectTenants(trace, names);
    await writeAndTell(args, changed(selected, args.file, `of ${names.join(', ')} only`));
  },
});
