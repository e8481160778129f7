import {
  type BatchStatistics,
  type InferenceClient,
  LiveError,
  type ModelStatistics,
  type StatisticDuration,
} from './inference-client.js';

/**
 * What was counted between two readings, by model and version in the order of `after`. Batch sizes that were
 * not executed in between are left out. Throws a {@link LiveError} where any count or time went back: then the model was
 * loaded anew in between, and nothing can be said of that time.
 */
export function subtractStatistics(
  after: readonly ModelStatistics[],
  before: readonly ModelStatistics[],
): ModelStatistics[] {
  return after.map((later) => {
    const earlier = before.find(({ model, version }) => model === later.model && version === later.version);
    return earlier === undefined ? later : subtractModel(later, earlier);
  });
}

function subtractModel(after: ModelStatistics, before: ModelStatistics): ModelStatistics {
  if (wentBack(after, before)) {
    throw new LiveError(
      'server',
      `the statistics of "${after.model}" went back: it was loaded anew in between`,
      'measure again, and let nobody load or restart models meanwhile',
    );
  }
  return joined(after, before, (a, b) => a - b);
}

/** A model that was loaded anew may have counted more requests since than before, and yet have executed less of one batch size. */
function wentBack(after: ModelStatistics, before: ModelStatistics): boolean {
  const durationsOf = (each: ModelStatistics) => [
    ...DURATIONS.map((name) => each[name]),
    each.cache?.hits ?? NOTHING,
    each.cache?.misses ?? NOTHING,
  ];
  const sumsOf = (each: ModelStatistics) => [
    each.inferenceCount,
    each.executionCount,
    ...durationsOf(each).flatMap(({ count, ns }) => [count, ns]),
  ];
  const executionsOf = ({ batches }: ModelStatistics, size: number) =>
    batches.find(({ batchSize }) => batchSize === size)?.computeInfer.count ?? 0;
  const then = sumsOf(before);
  return (
    sumsOf(after).some((sum, i) => sum < then[i]!) ||
    before.batches.some(({ batchSize, computeInfer }) => executionsOf(after, batchSize) < computeInfer.count)
  );
}

/** Statistics of each model once, in the order in which models first come: what is there several times is added. */
export function joinByModel(statistics: readonly ModelStatistics[]): ModelStatistics[] {
  const byModel = new Map<string, ModelStatistics>();
  for (const each of statistics) {
    const before = byModel.get(each.model);
    byModel.set(each.model, before === undefined ? each : joined(before, each, (a, b) => a + b));
  }
  return [...byModel.values()];
}

type Join = (a: number, b: number) => number;

const DURATIONS = ['success', 'fail', 'queue', 'computeInput', 'computeInfer', 'computeOutput'] as const;

/** Every count and time of two statistics of one model joined; of batch sizes those that were executed then. */
function joined(a: ModelStatistics, b: ModelStatistics, join: Join): ModelStatistics {
  const durations = DURATIONS.map((name) => [name, joinDuration(a[name], b[name], join)]);
  return {
    ...a,
    ...(Object.fromEntries(durations) as Pick<ModelStatistics, (typeof DURATIONS)[number]>),
    inferenceCount: join(a.inferenceCount, b.inferenceCount),
    executionCount: join(a.executionCount, b.executionCount),
    ...cacheOf(a, b, join),
    batches: joinBatches(a, b, join).filter(({ computeInfer }) => computeInfer.count !== 0),
  };
}

function joinBatches(a: ModelStatistics, b: ModelStatistics, join: Join): BatchStatistics[] {
  const sizes = new Set([...a.batches, ...b.batches].map(({ batchSize }) => batchSize));
  return [...sizes]
    .sort((x, y) => x - y)
    .map((batchSize) => {
      const [x, y] = [a, b].map(({ batches }) => batches.find((row) => row.batchSize === batchSize));
      return {
        batchSize,
        computeInput: joinDuration(x?.computeInput, y?.computeInput, join),
        computeInfer: joinDuration(x?.computeInfer, y?.computeInfer, join),
        computeOutput: joinDuration(x?.computeOutput, y?.computeOutput, join),
      };
    });
}

function joinDuration(
  a: StatisticDuration = NOTHING,
  b: StatisticDuration = NOTHING,
  join: Join,
): StatisticDuration {
  return { count: join(a.count, b.count), ns: join(a.ns, b.ns) };
}

/** Present where either side has any. */
function cacheOf(
  { cache: a }: ModelStatistics,
  { cache: b }: ModelStatistics,
  join: Join,
): Pick<ModelStatistics, 'cache'> {
  if (a === undefined && b === undefined) return {};
  return {
    cache: { hits: joinDuration(a?.hits, b?.hits, join), misses: joinDuration(a?.misses, b?.misses, join) },
  };
}

const NOTHING: StatisticDuration = { count: 0, ns: 0 };

/**
 * Reads what the server has counted, each model once: where it serves several versions, all of them together (requests that name
 * no version go to one of them).
 * @throws LiveError when the server fails, or knows nothing of a model
 */
export async function readStatistics(
  client: InferenceClient,
  models: readonly string[],
): Promise<ModelStatistics[]> {
  const read = await Promise.all(models.map((model) => client.statistics(model)));
  const missing = models.find((model, i) => !read[i]!.some((each) => each.model === model));
  if (missing !== undefined)
    throw new LiveError('server', `no statistics of "${missing}" came`, 'see the log of the server');
  return joinByModel(read.flat());
}
