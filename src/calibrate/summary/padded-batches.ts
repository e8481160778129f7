import type { ServicePoint } from '../../profile/profile.js';
import { serviceTime } from '../../profile/service-time.js';

/**
 * Times of a TensorRT engine at sizes between those of a table: an inference takes as long as the next power of two does.
 * Tables that hold such sizes show it (wide-and-deep on four GPUs: 81,920 to 131,072 inferences within 3 %), and in
 * loops of 16 to 64 clients TFT's executions, whose tables hold only powers of two, are told apart from a line by it.
 */
export function paddedBatches(points: readonly ServicePoint[]): readonly ServicePoint[] {
  const [first, last] = [points[0]!, points.at(-1)!];
  const added: ServicePoint[] = [];
  for (let size = 2; size / 2 < last.batchSize; size *= 2) {
    if (size / 2 < first.batchSize || size > last.batchSize) continue;
    const least = size / 2 + 1;
    const { inferMs } = serviceTime({ service: points }, size);
    const nearest = points.find(({ batchSize }) => batchSize >= size)!;
    for (const batchSize of new Set([least, size])) {
      if (points.some((point) => point.batchSize === batchSize)) continue;
      const { inputMs, outputMs } = serviceTime({ service: points }, batchSize);
      const { deviceMs: _, deviceMsError: __, ...facts } = nearest;
      added.push({ ...facts, batchSize, inputMs, inferMs, outputMs });
    }
  }
  return [...points, ...added].sort((a, b) => a.batchSize - b.batchSize);
}
