import type { InferredOptionTypes } from 'yargs';
import { plural } from '../../../base/plural.js';
import type { Trace } from '../../../trace/trace.js';
import { command } from '../../command.js';
import { fileArgument, readSource, tenantNames, writeOptions } from './options.js';
import { changed, writeAndTell } from './write.js';

/** How sources become tenants; `trace import` takes the same options. */
export const mapOptions = {
  tenants: {
    type: 'string',
    describe: 'Tenants to map the sources onto: names with commas between them, or how many',
  },
  by: {
    choices: ['stripe', 'block'],
    default: 'stripe',
    describe: 'stripe deals the sources out in turn, block gives each tenant a run of neighbours',
  },
} as const;

type Mapping = InferredOptionTypes<typeof mapOptions>;

export const mapCommand = command({
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
    const trace = await readSource(args, [() => tenantNames(args.tenants!)]);
    await writeAndTell(args, await mapped(trace, args.file, args));
  },
});

/** The trace with its sources on the tenants that were asked for; as it is when none were. */
export async function mapped(trace: Trace, file: string, { tenants, by }: Mapping): Promise<Trace> {
  if (tenants === undefined) return trace;
  const { mapSources } = await import('../../../trace/transform.js');
  const names = tenantNames(tenants);
  const change = `its ${trace.tenants.length} ${plural(trace.tenants.length, 'source')} on ${names.length} ${plural(names.length, 'tenant')} by ${by}`;
  return changed(mapSources(trace, names, { by }), file, change);
}
