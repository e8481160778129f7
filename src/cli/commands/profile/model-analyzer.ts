import type { InferredOptionTypes } from 'yargs';
import { InputError } from '../../../base/problem.js';
import type { ModelAnalyzerVariant } from '../../../calibrate/import/model-analyzer-csv.js';
import { readPackedText } from '../../../node/files/read-text.js';
import { say } from '../../output.js';
import type { ProfileImporter } from './importer.js';
import { checkSummaryOptions, configOf, fitRows, summaryOptions } from './summary-options.js';

const options = {
  ...summaryOptions,
  variant: {
    type: 'string',
    describe:
      'Configuration of the table, e.g. resnet50_config_3; default: of each model the one with most rows',
  },
} as const;

type Arguments = Partial<InferredOptionTypes<typeof options>>;

export const modelAnalyzerImporter: ProfileImporter<Arguments> = {
  name: 'model_analyzer',
  describe: "Model Analyzer's metrics-model-inference.csv: a profile per model",
  files: { describe: 'CSV file', most: 1 },
  options,
  examples: [
    [
      '$0 profile import model_analyzer results/metrics-model-inference.csv --device "Tesla T4" --out profiles',
      'of each model the configuration with most rows',
    ],
    [
      '$0 profile import model_analyzer metrics-model-inference.csv --variant bert_config_2 --config output_models --device A30 --out profiles',
      'one configuration, with the files that Model Analyzer wrote',
    ],
  ],
  run: async ([file], args) => {
    checkSummaryOptions(args);
    const { readModelAnalyzerCsv } = await import('../../../calibrate/import/model-analyzer-csv.js');
    const arrivals = args['request-distribution'] ?? 'constant';
    const variants = readModelAnalyzerCsv(await readPackedText(file!), { file: file!, arrivals });
    const fits = [];
    for (const chosen of chosenVariants(variants, args)) {
      const { model, variant, instances, maxBatchSize, rows } = chosen;
      const config = await configOf(args, [variant, model]);
      const facts = {
        model,
        config,
        instances: args.instances ?? instances,
        maxBatchSize: maxBatchSize ?? args['max-batch'],
      };
      fits.push(await fitRows(rows, facts, { files: [file!], args }));
    }
    return fits;
  },
};

function chosenVariants(
  variants: readonly ModelAnalyzerVariant[],
  { model, variant }: Arguments,
): readonly ModelAnalyzerVariant[] {
  const asked = variants.filter(
    (each) =>
      (model === undefined || each.model === model) && (variant === undefined || each.variant === variant),
  );
  if (asked.length === 0) {
    throw InputError.of(
      `the table has no such configuration (it has ${variants.map((each) => each.variant).join(', ')})`,
      'name one of them',
      { path: variant === undefined ? '--model' : '--variant' },
    );
  }
  const models = [...new Set(asked.map((each) => each.model))];
  return models.map((name) => {
    const own = asked.filter((each) => each.model === name);
    const best = own.reduce((a, b) => (b.rows.length > a.rows.length ? b : a));
    if (own.length > 1) {
      say(`${name}: of ${own.length} configurations ${best.variant} has most rows; --variant takes another`);
    }
    return best;
  });
}
