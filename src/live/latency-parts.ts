import type { LatencyPart } from '../profile/profile.js';
import type { ModelStatistics } from './inference-client.js';

/**
 * Parts of a mean latency as the server counted them for its requests, milliseconds; what it did not see is the network's.
 * Triton adds the times of a batch once per request, so its means are over requests; it counts outputs until the last response
 * of an execution has left, and what it leaves over between that and its request time is told with them.
 * @param counted versions or turns of one model
 * @param latencyMs what its clients saw of the same requests, mean
 */
export function countedPartsMs(
  counted: readonly ModelStatistics[],
  latencyMs: number,
): Record<LatencyPart, number> {
  const meanMs = (part: 'success' | 'queue' | 'computeInput' | 'computeInfer') => {
    const count = counted.reduce((sum, statistics) => sum + statistics[part].count, 0);
    return counted.reduce((sum, statistics) => sum + statistics[part].ns, 0) / count / 1e6;
  };
  const [request, queue] = [meanMs('success'), meanMs('queue')];
  const [input, infer] = [meanMs('computeInput'), meanMs('computeInfer')];
  return { network: latencyMs - request, queue, input, infer, output: request - queue - input - infer };
}
