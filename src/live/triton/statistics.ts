import type { BatchStatistics, ModelStatistics, StatisticDuration } from '../inference-client.js';
import type {
  InferBatchStatistics,
  InferStatistics,
  ModelStatistics as ModelStatisticsMessage,
  StatisticDuration as StatisticDurationMessage,
} from './generated/grpc_service_pb.js';

/** Statistics as the server sends them; what an older one leaves out is zero. */
export function toModelStatistics(message: ModelStatisticsMessage): ModelStatistics {
  const sums = message.inferenceStats;
  return {
    model: message.name,
    version: message.version,
    inferenceCount: Number(message.inferenceCount),
    executionCount: Number(message.executionCount),
    success: toDuration(sums?.success),
    fail: toDuration(sums?.fail),
    queue: toDuration(sums?.queue),
    computeInput: toDuration(sums?.computeInput),
    computeInfer: toDuration(sums?.computeInfer),
    computeOutput: toDuration(sums?.computeOutput),
    ...cacheOf(sums),
    batches: message.batchStats.map(toBatchStatistics).sort((a, b) => a.batchSize - b.batchSize),
  };
}

function cacheOf(sums: InferStatistics | undefined): Pick<ModelStatistics, 'cache'> {
  const [hits, misses] = [toDuration(sums?.cacheHit), toDuration(sums?.cacheMiss)];
  return hits.count + misses.count === 0 ? {} : { cache: { hits, misses } };
}

function toBatchStatistics(message: InferBatchStatistics): BatchStatistics {
  return {
    batchSize: Number(message.batchSize),
    computeInput: toDuration(message.computeInput),
    computeInfer: toDuration(message.computeInfer),
    computeOutput: toDuration(message.computeOutput),
  };
}

function toDuration(message: StatisticDurationMessage | undefined): StatisticDuration {
  return { count: Number(message?.count ?? 0n), ns: Number(message?.ns ?? 0n) };
}
