import { setTimeout as pause } from 'node:timers/promises';
import type { InferenceClient, ModelStatistics } from './inference-client.js';
import { joinByModel, readStatistics } from './statistics.js';

/**
 * Statistics of a server that has nothing to do: Triton writes them a moment after it has answered, so they
 * are read until two readings are the same.
 * @param models all of the server where left out
 */
export async function restingStatistics(
  client: InferenceClient,
  models?: readonly string[],
): Promise<readonly ModelStatistics[]> {
  const read = async () =>
    models === undefined ? joinByModel(await client.statistics()) : readStatistics(client, models);
  const endMs = performance.now() + RESTS_WITHIN_MS;
  let last = await read();
  for (;;) {
    await pause(POLL_MS);
    const next = await read();
    const isSame = next.every((each, i) => each.success.count === last[i]?.success.count);
    if (isSame || performance.now() >= endMs) return next;
    last = next;
  }
}

const POLL_MS = 30;
const RESTS_WITHIN_MS = 3000;
