import type { MlperfRow } from './rows.js';
import { serverSetup } from './setup.js';

/** Whether batches leave before they are full, at the published rate: the time of a part-filled batch was not measured. */
export function isPartFilled(row: MlperfRow): boolean {
  const { batchSize, maxQueueDelayUs, servers } = serverSetup(row);
  const fillUs = (1e6 * batchSize * servers) / row.ratePerS;
  return fillUs > maxQueueDelayUs;
}
