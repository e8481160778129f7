import type { CommandModule, InferredOptionTypes } from 'yargs';
import { fileArgument, tenantNames, type WriteArguments, writeOptions } from './options.js';
import { writeAndTell } from './write.js';

/** How sources become tenants; `trace import` takes the same options. */
export const mapOptions = {
  tenants: {
    type: 'string',
    requiresArg: true,
    describe: 'Tenants to map the sources onto: names with commas between them, or how many',
  },
  by: {
    choices: ['stripe', 'block'],
    default: 'stripe',
    describe: 'stripe deals the sources out in turn, block gives each tenant a run of neighbours',
  },
} as const;

type MapArguments = WriteArguments & { readonly file: string } & InferredOptionTypes<typeof mapOptions>;

export const mapCommand: CommandModule<object, MapArguments> = {
  command: 'map <file>',
  describe: 'Map many sources (the tenants of a trace) onto few tenants',
  builder: (yargs) =>
    yargs
      .positional('file', fileArgument)
      .options({ ...mapOptions, tenants: { ...mapOptions.tenants, demandOption: true } })
      .options(writeOptions)
      .example(
        '$0 trace map traces/azure-functions-2021-head.csv --tenants a,b --by block --out ab.csv',
        'thirteen applications as two tenants',
      ),
  handler: async (args) => {
    const { readTrace } = await import('../../../node/trace-files.js');
    const { mapSources } = await import('../../../trace/transform.js');
    const names = tenantNames(args.tenants!);
    await writeAndTell(args, mapSources(await readTrace(args.file), names, { by: args.by }));
  },
};
