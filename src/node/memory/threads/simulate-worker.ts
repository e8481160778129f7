import { type RunArgument, simulateRead } from '../../runs/run-scenario.js';
import { measureOnThreads, simulateOnThreads } from '../../runs/simulate-on-threads.js';
import { handedOver } from '../shared-scenario.js';
import { inThread } from '../thread-task.js';

/** Runs in a worker thread: simulates a scenario and builds its report, with threads of its own where it is asked to. */
export default inThread(async (argument: RunArgument, progress) => {
  const run = await simulateRead(argument, progress, { simulateOnThreads, measureOnThreads });
  return { ...run, runs: run.runs.map((one) => ({ ...one, scenario: handedOver(one.scenario) })) };
});
