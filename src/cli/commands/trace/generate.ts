import type { InferredOptionTypes } from 'yargs';
import { given } from '../../../base/given.js';
import type { Trace } from '../../../trace/trace.js';
import { checkGiven } from '../../check-values.js';
import { command } from '../../command.js';
import { gatherProblems } from '../../gather-problems.js';
import { printJson, printResult } from '../../output.js';
import { seedOf } from '../../seed.js';
import { outOption, requirePlace, seedOption, writeOptions } from './options.js';
import { PROCESS_KIND_NAMES, PROCESS_KINDS, processKindsToText } from './process-kinds.js';
import type { GeneratedTenant } from './single-tenant.js';
import { writeAndTell } from './write.js';

const number = { type: 'number' } as const;
const text = { type: 'string' } as const;

const generateOptions = {
  process: { choices: PROCESS_KIND_NAMES, describe: 'Kind of arrival process' },
  rate: { ...number, describe: 'Requests per second' },
  cv: { ...number, describe: 'CV of the gaps, for gamma and weibull' },
  'process-json': { ...text, describe: 'A process of any kind with all its fields, JSON or YAML' },
  tenant: { ...text, describe: 'Name of the tenant; default: default' },
  'batch-size': { ...number, describe: 'Inferences per request; default: not in the trace' },
  'request-bytes': { ...number, describe: 'Request body in bytes per inference; default: not in the trace' },
  duration: { ...text, describe: 'Length, such as 90s or 5m' },
  seed: { ...seedOption, describe: 'Seed; each tenant has its own random stream, as in a scenario' },
  out: outOption,
  json: writeOptions.json,
  list: { type: 'boolean', default: false, describe: 'Show every kind of process, with an example' },
} as const;

export type GenerateArguments = InferredOptionTypes<typeof generateOptions>;

export const generateCommand = command({
  command: 'generate',
  describe: 'Make a trace from arrival processes',
  builder: (yargs) =>
    yargs
      .options(generateOptions)
      .conflicts('process-json', ['process', 'rate', 'cv'])
      .example('$0 trace generate --process poisson --rate 100 --duration 60s --out a.arrow', 'one tenant')
      .example(
        '$0 trace generate --process gamma --rate 50 --cv 3 --duration 5m --tenant b --out b.csv',
        'bursty',
      )
      .example(
        `$0 trace generate --process-json '{kind: ramp, fromRatePerS: 10, toRatePerS: 90}' --duration 1h --out c.csv`,
        'any kind',
      )
      .example('$0 trace generate --list', 'the kinds and their fields'),
  handler: async (args) => {
    if (args.list) {
      if (args.json) return printJson({ format: 'perseus-processes/1', processes: PROCESS_KINDS });
      return printResult(processKindsToText());
    }
    const { out } = args;
    const { singleTenant } = await import('./single-tenant.js');
    const [tenant] = await gatherProblems(
      () => singleTenant(args),
      () => (out === undefined ? checkGiven({ '--out': out }) : requirePlace(out)),
    );
    await writeAndTell({ out: out!, json: args.json }, await generated(tenant, seedOf(args.seed)));
  },
});

/** Draws from streams of the tenant's name, as a scenario does. */
async function generated(
  { requestBytes, batchSize, ...what }: GeneratedTenant,
  seed: number | string,
): Promise<Trace> {
  const { RandomStreams } = await import('../../../base/random.js');
  const { generateTrace, tenantRandoms } = await import('../../../trace/synthesis/generate.js');
  const trace = generateTrace({
    ...what,
    ...tenantRandoms(new RandomStreams(seed), what.tenant),
    ...given({ batchSize, payloadBytesPerInference: requestBytes }),
  });
  return { ...trace, source: `${trace.source}; seed ${seed}` };
}
