import type { LatencyPart } from '../profile/profile.js';
import type { ModelStatistics } from './inference-client.js';

/**
 * Parts of a mean latency as the server counted them for its requests, milliseconds; what it did not see is the network's.
 * Triton adds the times of a batch once per request, so its means are over requests.
 * @param counted versions or turns of one model
 * @param latencyMs what its clients saw of the same requests, mean
 */
export function countedPartsMs(
  counted: readonly ModelStatistics[],
  latencyMs: number,
): Record<LatencyPart, number> {
  const meanMs = (part: 'success' | 'queue' | 'computeInput' | 'computeInfer' | 'computeOutput') => {
    const count = counted.reduce((sum, statistics) => sum + statistics[part].count, 0);
    return counted.reduce((sum, statistics) => sum + statistics[part].ns, 0) / count / 1e6;
  };
  const [request, queue] = [meanMs('success'), meanMs('queue')];
  const [input, infer, output] = [meanMs('computeInput'), meanMs('computeInfer'), meanMs('computeOutput')];
  const response = request - queue - input - infer - output;
  return { network: latencyMs - request, queue, input, infer, output, response };
}
