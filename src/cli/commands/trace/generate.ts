import type { CommandModule, InferredOptionTypes } from 'yargs';
import type { Trace } from '../../../trace/trace.js';
import { checkGiven } from '../../check-values.js';
import { secondsOf } from '../../duration.js';
import { gatherProblems } from '../../gather-problems.js';
import { printResult } from '../../output.js';
import { seedOf } from '../../seed.js';
import type { GeneratedTenant } from './generated-tenants.js';
import { outOption, requirePlace, seedOption, writeOptions } from './options.js';
import { PROCESS_KIND_NAMES } from './process-kinds.js';
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
  spec: {
    ...text,
    describe: 'YAML or JSON file: list of {tenant, process, durationS, batchSize, requestBytes}',
  },
  duration: { ...text, describe: 'Length, such as 90s or 5m' },
  seed: { ...seedOption, describe: 'Seed; each tenant has its own random stream, as in a scenario' },
  out: outOption,
  json: writeOptions.json,
  list: { type: 'boolean', default: false, describe: 'Show every kind of process, with an example' },
} as const;

export type GenerateArguments = InferredOptionTypes<typeof generateOptions>;

export const generateCommand: CommandModule<object, GenerateArguments> = {
  command: 'generate',
  describe: 'Make a trace from arrival processes',
  builder: (yargs) =>
    yargs
      .options(generateOptions)
      .conflicts('spec', ['process', 'process-json', 'rate', 'cv', 'tenant', 'batch-size', 'request-bytes'])
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
      const { processKindsToText, processKindsToJson } = await import('./process-list.js');
      await printResult(args.json ? processKindsToJson() : processKindsToText());
      return;
    }
    const { out } = args;
    const [tenants] = await gatherProblems(
      () => tenantsOf(args),
      () => (out === undefined ? checkGiven({ '--out': out }) : requirePlace(out)),
    );
    await writeAndTell({ out: out!, json: args.json }, await generated(tenants, seedOf(args.seed)));
  },
};

async function tenantsOf(args: GenerateArguments): Promise<readonly GeneratedTenant[]> {
  if (args.spec === undefined) {
    const { singleTenant } = await import('./single-tenant.js');
    return [singleTenant(args)];
  }
  const { parseGeneratedTenants } = await import('./generated-tenants.js');
  const { readPackedText } = await import('../../../node/files/read-text.js');
  return parseGeneratedTenants(await readPackedText(args.spec), {
    file: args.spec,
    ...(args.duration !== undefined && { durationS: secondsOf('--duration', args.duration) }),
  });
}

/** The tenants together; each draws from streams of its own name, so that none shifts another. */
async function generated(tenants: readonly GeneratedTenant[], seed: number | string): Promise<Trace> {
  const { RandomStreams } = await import('../../../base/random.js');
  const { generateTrace, tenantRandoms } = await import('../../../trace/synthesis/generate.js');
  const { superposeTraces } = await import('../../../trace/transform.js');
  const streams = new RandomStreams(seed);
  const traces = tenants.map(({ tenant, process, durationS, batchSize, requestBytes }) =>
    generateTrace({
      tenant,
      process,
      durationS,
      ...tenantRandoms(streams, tenant),
      ...(batchSize !== undefined && { batchSize }),
      ...(requestBytes !== undefined && { payloadBytesPerInference: requestBytes }),
    }),
  );
  const trace = traces.length === 1 ? traces[0]! : superposeTraces(traces);
  const source = traces.length > MOST_TOLD ? `generated: ${traces.length} tenants` : trace.source;
  return { ...trace, source: `${source}; seed ${seed}` };
}

/** Processes that the source of the trace tells one by one. */
const MOST_TOLD = 4;
