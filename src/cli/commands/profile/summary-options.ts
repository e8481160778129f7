import { basename } from 'node:path';
import type { InferredOptionTypes } from 'yargs';
import { given } from '../../../base/given.js';
import { InputError } from '../../../base/problem.js';
import type { SummaryRow } from '../../../calibrate/import/metric-rows.js';
import type { SetupFacts } from '../../../calibrate/import/summary-setup.js';
import type { FitProgress, SummaryFit } from '../../../calibrate/summary/fit-from-summaries.js';
import { MOST_INSTANCES } from '../../../scenario/limits.js';
import type { ModelConfig } from '../../../scenario/model-config.js';
import { MOST_INFERENCES } from '../../../trace/columns.js';
import { checkGiven } from '../../check-values.js';
import { requireNumbers } from '../../number-options.js';
import { say } from '../../output.js';
import { throttle } from '../../throttle.js';
import { factOptions, readConfigs, requireDate } from './traffic-options.js';

/** What result tables do not tell of the server that was measured. */
export const summaryOptions = {
  model: { type: 'string', describe: 'Name of the model; default: that of the table or of --config' },
  ...factOptions,
  instances: {
    type: 'number',
    describe: 'Instances side by side on the device; default: those of --config, else 1',
  },
  'max-batch': {
    type: 'number',
    describe: "Largest batch of Triton's dynamic batching; default: that of --config",
  },
  protocol: {
    choices: ['http', 'grpc'],
    default: 'http',
    describe: 'How perf_analyzer talked to the server (-i); its own default is http',
  },
  'request-distribution': {
    choices: ['constant', 'poisson'],
    default: 'constant',
    describe: 'How requests were sent in request-rate mode',
  },
} as const;

export type SummaryArguments = Partial<InferredOptionTypes<typeof summaryOptions>>;

/** @throws InputError with the options that hold no usable number, or are missing */
export function checkSummaryOptions(args: SummaryArguments): void {
  checkGiven({ '--device': args.device });
  requireDate(args);
  requireNumbers({
    instances: [args.instances, { from: 1, to: MOST_INSTANCES, whole: true }],
    'max-batch': [args['max-batch'], { from: 1, to: MOST_INFERENCES, whole: true }],
  });
}

/** The configuration of the first of these names, or the only one that was given. @throws InputError for none */
export async function configOf(
  args: SummaryArguments,
  names: readonly string[],
): Promise<ModelConfig | undefined> {
  const configs = await readConfigs(args.config?.files ?? []);
  if (configs.size === 0) return undefined;
  const found = names.find((name) => configs.has(name));
  if (found !== undefined) return configs.get(found);
  if (configs.size === 1) return [...configs.values()][0];
  throw InputError.of(
    `of ${[...configs.keys()].join(', ')} none is ${names.join(' or ') || 'named'}`,
    'name the model with --model',
    { path: '--config' },
  );
}

/** The profile behind the rows of a table. @throws InputError with every row that no fit can use */
export async function fitRows(
  rows: readonly SummaryRow[],
  facts: Omit<SetupFacts, 'device' | 'protocol'>,
  { files, args }: { readonly files: readonly string[]; readonly args: SummaryArguments },
): Promise<SummaryFit> {
  const { summarySetup } = await import('../../../calibrate/import/summary-setup.js');
  const { fitFromSummaries } = await import('../../../calibrate/summary/fit-from-summaries.js');
  const {
    device = 'unknown',
    protocol = 'http',
    date = 'unknown',
    driver,
    'server-version': serverVersion,
  } = args;
  const observations = rows.map(({ observation }) => observation);
  const largest = observations.reduce((most, { requestBatch }) => Math.max(most, requestBatch), 0);
  const { setup, assumed } = summarySetup({ ...facts, device, protocol }, largest);
  const fit = fitFromSummaries(observations, setup, {
    places: rows.map(({ place }) => place),
    provenance: {
      source: `own measurement: ${files.map((file) => basename(file)).join(', ')}`.slice(0, 1000),
      licence: 'own measurement',
      date,
      ...given({ driver, serverVersion }),
      notes: assumed.join(' '),
    },
    onProgress: searchProgress(facts.model),
  });
  return { ...fit, uncertain: [...assumed, ...fit.uncertain] };
}

/** A line for each search, and another one every five seconds while it goes on. */
function searchProgress(model: string): (progress: FitProgress) => void {
  let isTime = throttle(5000);
  return ({ search, of, step }) => {
    if (step === 1) isTime = throttle(5000);
    else if (!isTime()) return;
    say(`fitting ${model}: search ${search} of ${of}${step === 1 ? '' : `, step ${step}`} …`);
  };
}
