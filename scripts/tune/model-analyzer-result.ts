import * as z from 'zod';
import { forEachCsvRow } from '../../src/trace/csv-rows.js';
import type { RecordedConfiguration, RecordedPoint, RecordedSearch } from './recorded-search.js';

const modelConfig = z.object({
  maxBatchSize: z.int().positive(),
  instanceGroup: z.tuple([z.object({ count: z.int().positive() })]),
});

const runConfig = z.object({
  _model_run_configs: z.array(
    z.object({
      _model_name: z.string(),
      _model_config_variant: z.object({ model_config: modelConfig }),
    }),
  ),
});

const metric = z.tuple([z.string(), z.object({ _value: z.number() })]);

const measurement = z.object({
  _model_config_measurements: z.array(
    z.object({
      _model_config_name: z.string(),
      _model_specific_pa_params: z.object({ 'concurrency-range': z.coerce.number().int().positive() }),
      _non_gpu_data: z.array(metric),
    }),
  ),
});

/** What Model Analyzer 1.58 keeps of its search: by models, then by their variants, then by the load. */
const checkpoint = z.object({
  'ResultManager.results': z.object({
    _results: z.record(
      z.string(),
      z.record(z.string(), z.tuple([runConfig, z.record(z.string(), measurement)])),
    ),
  }),
});

type RunConfig = z.output<typeof runConfig>;
type Measurement = z.output<typeof measurement>;

export interface ModelAnalyzerFiles {
  /** Text of the last file in its checkpoint folder: every point in full precision. */
  readonly checkpoint: string;
  /** Text of `metrics-model-inference.csv`: rounded, best first. */
  readonly table: string;
  /** What perf_analyzer printed in all its runs. */
  readonly perfAnalyzerLog: string;
}

/**
 * What Model Analyzer measured, and the configuration that its own table has first.
 * @throws Error when the files are not those of a search that profiled models together
 */
export function readModelAnalyzer(files: ModelAnalyzerFiles): Pick<RecordedSearch, 'choice' | 'points'> {
  const read = checkpoint.safeParse(JSON.parse(files.checkpoint));
  if (!read.success) throw new Error(`Model Analyzer's checkpoint: ${z.prettifyError(read.error)}`);
  const variants = Object.values(read.data['ResultManager.results']._results).flatMap((ofModels) =>
    Object.entries(ofModels),
  );
  const overburdened = overburdenedRuns(files.perfAnalyzerLog);
  const points = variants.flatMap(([variant, [config, measurements]]) =>
    Object.values(measurements).map((each) => ({
      key: keyOf(variant, each),
      ...pointOf(config, each, overburdened),
    })),
  );
  const best = bestKey(files.table);
  const choice = points.find(({ key }) => key === best);
  if (choice === undefined) throw new Error(`Model Analyzer's checkpoint has no ${best}, its best`);
  return { choice: choice.models, points: points.map(({ key: _, ...point }) => point) };
}

/** Variants of the models and their clients, each in order of the models: what a row of the table is known by. */
function keyOf(variants: string, { _model_config_measurements: models }: Measurement): string {
  const concurrencies = models.map(({ _model_specific_pa_params: load }) => load['concurrency-range']);
  return `${variants} at ${concurrencies.join(',')}`;
}

/** Throughputs as perf_analyzer printed them in runs of which it says that it did not keep up. */
type Overburdened = ReadonlySet<number>;

/**
 * Model Analyzer starts a perf_analyzer for each model, and one that is done waits for the others without giving up its
 * core (MPI): where it waits for long, the server has half a core less. Its warning shows in which runs.
 */
function overburdenedRuns(log: string): Overburdened {
  const runs = log
    .split(/^Command: /m)
    .filter((run) => run.includes('not able to keep up with the desired load'));
  return new Set(
    runs.flatMap((run) =>
      [...run.matchAll(/Throughput: ([\d.]+) infer\/sec/g)].map(([, text]) => Number(text)),
    ),
  );
}

function pointOf(
  config: RunConfig,
  { _model_config_measurements: measured }: Measurement,
  overburdened: Overburdened,
): RecordedPoint {
  const throughputs = measured.map(({ _non_gpu_data: metrics }) => metricOf(metrics, 'perf_throughput'));
  return {
    keptUp: !throughputs.some((perS) => overburdened.has(perS)),
    models: Object.fromEntries(
      measured.map((model, i) => [model._model_config_name, choiceOf(config, i, model)]),
    ),
    measured: Object.fromEntries(
      measured.map(({ _model_config_name: name, _non_gpu_data: metrics }) => [
        name,
        {
          throughputPerS: metricOf(metrics, 'perf_throughput'),
          p99Ms: metricOf(metrics, 'perf_latency_p99'),
        },
      ]),
    ),
  };
}

type MeasuredModel = Measurement['_model_config_measurements'][number];

function choiceOf(
  { _model_run_configs: configs }: RunConfig,
  index: number,
  model: MeasuredModel,
): RecordedConfiguration[string] {
  const { _model_name, _model_config_variant: variant } = configs[index]!;
  if (_model_name !== model._model_config_name) {
    throw new Error(
      `Model Analyzer's checkpoint: ${model._model_config_name} where ${_model_name} was expected`,
    );
  }
  const { maxBatchSize, instanceGroup } = variant.model_config;
  return {
    instances: instanceGroup[0].count,
    maxBatchSize,
    concurrency: model._model_specific_pa_params['concurrency-range'],
  };
}

function metricOf(metrics: readonly z.output<typeof metric>[], tag: string): number {
  const found = metrics.find(([name]) => name === tag);
  if (found === undefined) throw new Error(`Model Analyzer's checkpoint: a point has no ${tag}`);
  return found[1]._value;
}

function bestKey(table: string): string {
  const rows: string[][] = [];
  forEachCsvRow(table, { row: (cells) => void rows.push(cells) });
  const [head = [], best = []] = rows;
  const cell = (column: string) => {
    const text = best[head.indexOf(column)];
    if (text === undefined) throw new Error(`Model Analyzer's table has no ${column}`);
    return text;
  };
  return `${cell('Model Config Path')} at ${cell('Concurrency')}`;
}
