import { plural } from '../../base/plural.js';
import type { Warning } from '../../base/warning.js';
import type { Scenario } from '../../scenario/scenario.js';
import type { DeviceUse, ExecutionCounts } from '../result.js';
import { BATCHER_SLEEP_NS } from '../server/batcher-thread.js';
import { profileWarnings } from './profile-warnings.js';

/** What one model of one server executed, and how often its batcher lost a wake-up. */
export interface ModelExecutions extends Omit<ExecutionCounts, 'server' | 'model' | 'byBatchSize'> {
  readonly byBatchSize: ArrayLike<number>;
}

/** A batcher that sleeps for less of the run, while requests wait, is not worth a word. */
const NOTICEABLE_SLEEP = 0.01;

/**
 * What to be wary of in a run: what the profiles say about the use made of them, and batchers that slept while requests waited.
 * @param executions of every model of every server, in the scenario's order
 */
export function runWarnings(
  scenario: Scenario,
  executions: readonly ModelExecutions[],
  devices: readonly Pick<DeviceUse, 'server' | 'device' | 'busyShare'>[],
): Warning[] {
  return [...profileWarnings(scenario, executions, devices), ...sleepWarnings(scenario, executions)];
}

function sleepWarnings(scenario: Scenario, executions: readonly ModelExecutions[]): Warning[] {
  const found: Warning[] = [];
  const inOrder = executions.values();
  for (const server of scenario.servers) {
    for (const { config } of server.models) {
      const { byBatchSize, lostWakeUps = 0 } = inOrder.next().value!;
      const asleepUs = (lostWakeUps * BATCHER_SLEEP_NS) / 1000;
      if (asleepUs < NOTICEABLE_SLEEP * scenario.durationUs || lostWakeUps === 0) continue;
      const executed = Array.from(byBatchSize).reduce((sum, count) => sum + count, 0);
      const percent = Number(((100 * lostWakeUps) / Math.max(executed, lostWakeUps)).toPrecision(2));
      const message =
        `${config.name}: its batcher on ${server.name} slept ${lostWakeUps} ${plural(lostWakeUps, 'time')} for up to 500 ms while requests ` +
        `and an instance waited (after ${percent} % of its executions), as Triton's does under a queue policy where requests come right ` +
        'after answers';
      found.push({ code: 'batcher-sleeps', subject: config.name, message });
    }
  }
  return found;
}
