import type { InferredOptionTypes } from 'yargs';
import { plural } from '../../../base/plural.js';
import { InputError, ProblemList } from '../../../base/problem.js';
import type { SummaryFit } from '../../../calibrate/summary/fit-from-summaries.js';
import { readPackedText } from '../../../node/files/read-text.js';
import type { ProfileImporter } from './importer.js';
import { checkSummaryOptions, configOf, fitRows, summaryOptions } from './summary-options.js';

const options = {
  ...summaryOptions,
  'request-batch': {
    type: 'string',
    default: '1',
    describe: 'Inferences in each request (-b): one number for all files, or one for each, e.g. 1,8',
  },
} as const;

type Arguments = Partial<InferredOptionTypes<typeof options>>;

export const perfAnalyzerImporter: ProfileImporter<Arguments> = {
  name: 'perf_analyzer',
  describe: 'CSV of perf_analyzer -f, of one model: clients or request rates, one file for each batch size',
  files: { describe: 'CSV files, also with --verbose-csv', most: Number.POSITIVE_INFINITY },
  options,
  examples: [
    [
      '$0 profile import perf_analyzer perf.csv --device "Tesla T4" --config models/resnet50/config.pbtxt --out profiles',
      'with the batching of its configuration',
    ],
    [
      '$0 profile import perf_analyzer b1.csv b8.csv --request-batch 1,8 --model bert --device A30 --max-batch 16 --out profiles',
      'batches of 1 and of 8, each from 1 client on',
    ],
  ],
  run: async (files, args) => {
    checkSummaryOptions(args);
    const batches = batchesOf(args['request-batch'] ?? '1', files.length);
    const { readPerfAnalyzerCsv } = await import('../../../calibrate/import/perf-analyzer-csv.js');
    const arrivals = args['request-distribution'] ?? 'constant';
    const problems = new ProblemList();
    const tables = [];
    for (const [i, file] of files.entries()) {
      const format = { file, requestBatch: batches[i]!, arrivals };
      const read = async () => readPerfAnalyzerCsv(await readPackedText(file), format);
      tables.push((await problems.attemptLater(read)) ?? []);
    }
    problems.throwIfAny();
    const config = await configOf(args, args.model === undefined ? [] : [args.model]);
    const model = args.model ?? config?.name;
    if (model === undefined) {
      throw InputError.of('is missing', 'the table does not name the model', { path: '--model' });
    }
    const facts = { model, config, instances: args.instances, maxBatchSize: args['max-batch'] };
    const fit: SummaryFit = await fitRows(tables.flat(), facts, { files, args });
    return [fit];
  },
};

function batchesOf(text: string, files: number): readonly number[] {
  const sizes = text.split(',').map(Number);
  const usable = sizes.every((size) => Number.isSafeInteger(size) && size >= 1);
  if (usable && sizes.length === 1) return Array.from({ length: files }, () => sizes[0]!);
  if (usable && sizes.length === files) return sizes;
  throw InputError.of(
    `"${text}" does not fit ${files} ${plural(files, 'file')}`,
    'write one whole number, or one for each file, e.g. 1,8',
    { path: '--request-batch' },
  );
}
