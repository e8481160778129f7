import { plural } from '../../base/plural.js';
import type { Warning } from '../../base/warning.js';
import type { Scenario } from '../../scenario/scenario.js';
import type { DeviceUse, ModelCounts } from '../result.js';
import { BATCHER_SLEEP_NS } from '../server/batcher-thread.js';
import { profileWarnings } from './profile-warnings.js';

/** What one model of one server executed. */
export interface ModelExecutions extends ModelCounts {
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
  return [
    ...profileWarnings(scenario, executions, devices),
    ...sleepWarnings(scenario, executions),
    ...resourceWarnings(scenario, executions),
  ];
}

/** A model that waits for resources for less of the run has no lack of them. */
const MOST_OF_THE_TIME = 0.5;

function resourceWarnings({ servers }: Scenario, executions: readonly ModelExecutions[]): Warning[] {
  const inOrder = executions.values();
  return servers.flatMap(({ name, models }) =>
    models.flatMap(({ config }): Warning[] => {
      const { resourceWaitShare = 0 } = inOrder.next().value!;
      if (resourceWaitShare <= MOST_OF_THE_TIME) return [];
      const percent = Math.round(100 * resourceWaitShare);
      const message = `${config.name}: on ${name} it has a batch and an idle instance and waits for resources of the rate limiter ${percent} % of the time`;
      return [{ code: 'waits-for-resources', subject: config.name, message }];
    }),
  );
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
