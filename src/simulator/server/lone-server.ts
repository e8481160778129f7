import { isPlainButForDelay } from './batching.js';
import { runFastLoop } from './fast-loop.js';
import type { Executor, ModelServer } from './model-server.js';
import type { ModelServerOptions } from './server-parts.js';

/**
 * Runs a server by itself, up to the end of the run: every arrival is known, and every end at its start. Where its
 * configuration has a loop of its own, in that.
 *
 * @param server made with these options and that executor, and not stepped yet
 */
export function runLoneServer(
  server: ModelServer,
  executor: Executor,
  options: ModelServerOptions,
  endNs: number,
): void {
  if (!runInOneLoop(server, executor, options, endNs)) while (server.nextNs < endNs) server.step();
}

/** @returns whether there was one for it */
function runInOneLoop(
  { queue }: ModelServer,
  executor: Executor,
  options: ModelServerOptions,
  endNs: number,
): boolean {
  const { rules, instances, batcherWakeNs, instancePickUpNs } = options;
  if (rules === undefined || !queue.isPlain || !isPlainButForDelay(rules)) return false;
  const { batcherAwakeNs = batcherWakeNs, instanceWakeNs = instancePickUpNs, timerSlackNs = 0 } = options;
  const { maxBatchSize, delayNs } = rules;
  if (delayNs > 0 && options.batcherWins !== undefined) return false;
  const threads = { batcherWakeNs, batcherAwakeNs, instancePickUpNs, instanceWakeNs, timerSlackNs };
  runFastLoop({ queuedNs: queue.queuedNs, executor, instances, maxBatchSize, delayNs, ...threads, endNs });
  return true;
}
