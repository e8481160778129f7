import type { InferredOptionTypes } from 'yargs';
import { given } from '../../../base/given.js';
import { InputError } from '../../../base/problem.js';
import type { ImportOptions } from '../../../trace/importers.js';
import { checkGiven } from '../../check-values.js';
import { command } from '../../command.js';
import { durationsOf, partOf } from '../../duration.js';
import { gatherProblems } from '../../gather-problems.js';
import { requireNumbers } from '../../number-options.js';
import { printJson, printResult, say } from '../../output.js';
import { seedOf } from '../../seed.js';
import { refuseUnused } from '../../unused-options.js';
import { mapOptions, mapped } from './map.js';
import { microseconds, outOption, requirePlace, tenantNames, writeOptions } from './options.js';
import { writeAndTell } from './write.js';

const number = { type: 'number' } as const;
const text = { type: 'string' } as const;

const importOptions = {
  from: { ...text, describe: 'What wrote the file; --list shows all' },
  list: { type: 'boolean', default: false, describe: 'Show what can be imported, with its options' },
  tenant: { ...text, describe: 'Name of the tenant, where the source does not tell' },
  'tenant-by': {
    ...text,
    describe:
      'What becomes a tenant: function, app or owner; model or path of an access log; a label of Prometheus',
  },
  'time-column': { ...text, describe: 'Column of a table that says when; default timestamp' },
  'time-format': {
    choices: ['iso', 's', 'ms', 'us', 'ns'],
    describe: 'How it says it: stamps like 2023-11-16T18:17:03Z (default), or a count of seconds and so on',
  },
  'tenant-column': { ...text, describe: 'Column of a table that says whose requests they are' },
  'batch-column': { ...text, describe: 'Column of a table with the inferences of a request' },
  'prompt-tokens-column': { ...text, describe: 'Column of a table with the tokens of a prompt' },
  'output-tokens-column': { ...text, describe: 'Column of a table with the tokens of an answer' },
  values: {
    choices: ['counter', 'rate'],
    describe: 'What the values of Prometheus are; default: counters, where they have a name',
  },
  bin: { ...text, describe: 'Length of a counted interval or window, such as 1m' },
  spread: {
    choices: ['even', 'uniform'],
    describe: 'Where arrivals lie in a counted interval: evenly spaced, or anywhere',
  },
  seed: { ...text, describe: 'Seed of the random draws; default 0' },
  start: { ...text, describe: 'Leave out what arrives earlier, such as 10m; the trace begins there' },
  end: { ...text, describe: 'Leave out what arrives then or later, such as 15m' },
  'rate-scale': { ...number, describe: 'Factor on rates before arrivals are drawn' },
  experiment: { ...number, describe: 'Which experiment of the file, counted from 0' },
  'max-requests': { ...number, describe: 'Refuse to make a longer trace; default 50 million' },
  ...mapOptions,
  out: outOption,
  json: writeOptions.json,
} as const;

type ImportArguments = InferredOptionTypes<typeof importOptions>;

export const importCommand = command({
  command: 'import [files..]',
  describe: 'Make a trace of what other systems wrote',
  builder: (yargs) =>
    yargs
      .positional('files', {
        type: 'string',
        array: true,
        describe: 'File of the other system, also with .gz; - is standard input',
      })
      .options(importOptions)
      .example('$0 trace import --list', 'what can be imported')
      .example(
        '$0 trace import gateway.csv --from table --time-column ts --time-format ms --tenant-column model --out gateway.arrow',
        'any table of requests',
      )
      .example(
        '$0 trace import counts.txt --from counts --bin 1m --spread uniform --out web.csv',
        'per minute',
      )
      .example(
        '$0 trace import day.csv --from azure-functions-2021 --tenants 4 --by block --out four.arrow',
        'functions onto four tenants',
      )
      .example(
        '$0 trace import day.json --from prometheus --out day.arrow',
        'what /api/v1/query_range answered to query=nv_inference_request_success',
      )
      .example(
        '$0 trace import rates.json --from prometheus --values rate --out rates.arrow',
        'to query=sum by (model) (rate(nv_inference_request_success[1m]))',
      ),
  handler: async (args) => {
    if (args.list) {
      const { importers } = await import('../../../trace/importers.js');
      const sources = Object.entries(importers).map(([name, { description, format, options }]) => ({
        name,
        description,
        file: format,
        options: options.map(flagOf),
      }));
      if (args.json)
        return printJson({ format: 'perseus-importers/1', importers: sources }, ['format', 'name']);
      const texts = sources.map(
        ({ name, description, file, options }) =>
          `${name}: ${description}\n  format:  ${file}\n  options: ${options.join(' ') || 'none'}\n`,
      );
      return printResult(texts.join(''));
    }
    const { files = [], from, out } = args;
    const [file] = files;
    checkGiven({ FILE: file, '--from': from, '--out': out });
    const { importTraceFiles } = await import('../../../node/scenario/trace-files.js');
    const [{ trace, notes }] = await gatherProblems(
      async () => importTraceFiles(from!, files, await heededOptions(from!, args)),
      () => requirePlace(out!),
      () => requireImportNumbers(args),
      () =>
        args.tenants === undefined &&
        refuseUnused({ by: args.by !== mapOptions.by.default }, 'without --tenants'),
      () => args.tenants === undefined || tenantNames(args.tenants),
    );
    const remarks = notes.length === 0 ? {} : { sentences: notes, facts: { notes } };
    const written = await mapped(trace, file!, args);
    await writeAndTell({ out: out!, json: args.json }, written, remarks);
    const [tenant] = written.tenants;
    if (tenant !== undefined) say(inScenario(out!, tenant));
  },
});

/** What a scenario says of it, for somebody who has none yet. */
function inScenario(file: string, tenant: string): string {
  return `In a scenario: load: {trace: {file: ${JSON.stringify(file)}, tenant: ${JSON.stringify(tenant)}}}`;
}

function requireImportNumbers(args: ImportArguments): void {
  requireNumbers({
    'rate-scale': [args['rate-scale'], { above: 0 }],
    experiment: [args.experiment, { from: 0 }],
    'max-requests': [args['max-requests'], { from: 1 }],
  });
}

function flagOf(option: keyof ImportOptions): string {
  return `--${FLAGS[option]}`;
}

const FLAGS: Readonly<Record<keyof ImportOptions, string>> = {
  file: 'file',
  tenant: 'tenant',
  tenantBy: 'tenant-by',
  timeColumn: 'time-column',
  timeFormat: 'time-format',
  tenantColumn: 'tenant-column',
  batchColumn: 'batch-column',
  promptTokensColumn: 'prompt-tokens-column',
  outputTokensColumn: 'output-tokens-column',
  values: 'values',
  binUs: 'bin',
  spread: 'spread',
  seed: 'seed',
  fromUs: 'start',
  toUs: 'end',
  rateScale: 'rate-scale',
  experiment: 'experiment',
  maxRequests: 'max-requests',
};

async function heededOptions(from: string, args: ImportArguments): Promise<Omit<ImportOptions, 'file'>> {
  const { importers } = await import('../../../trace/importers.js');
  const options = optionsOf(args);
  // An unknown importer is told by the import itself.
  const heeded = Object.hasOwn(importers, from) ? importers[from]!.options : Object.keys(options);
  const unheeded = Object.keys(options).filter((option) => !heeded.includes(option as keyof ImportOptions));
  if (unheeded.length === 0) return options;
  throw new InputError(
    unheeded.map((option) => ({
      path: flagOf(option as keyof ImportOptions),
      what: `has no meaning for ${from}`,
      remedy: 'leave it out; --list shows the options of each source',
    })),
  );
}

/** What is given of them, times in microseconds. */
function optionsOf(args: ImportArguments): Omit<ImportOptions, 'file'> {
  const { bin, start, end } = args;
  const { fromS, toS } = partOf({ start, end });
  const times = given({
    ...durationsOf({ bin }),
    start: start === undefined ? undefined : fromS,
    end: end === undefined ? undefined : toS,
  });
  const inUs = Object.entries(times).map(([name, seconds]) => [name, microseconds(seconds)]);
  const seed = args.seed === undefined ? undefined : seedOf(args.seed);
  const read: Readonly<Record<string, unknown>> = { ...args, ...Object.fromEntries(inUs), seed };
  const options = Object.entries(FLAGS).map(([option, flag]) => [option, read[flag]] as const);
  return given(Object.fromEntries(options));
}
