import { describe, expect, it } from 'vitest';
import { simulate } from '../../../src/simulator/simulate.js';
import { arrivals, config, profile, scenario, server, tenant } from '../../support/scenario.js';

/** Executions of a model with an execution of 1,300 ms and a queue delay of 30 ms: rows of the log that ran together. */
function executions(
  arrivalMs: readonly number[],
  { sizes, eventLoop }: { sizes?: number[]; eventLoop: boolean },
) {
  const served = config('m', 8, { maxQueueDelayUs: 30_000 });
  const host = server('s', { models: [{ config: served, profile: profile('m', 1300, 0) }] });
  const load = arrivals(
    arrivalMs.map((ms) => ms * 1000),
    sizes && { batchSize: Uint16Array.from(sizes) },
  );
  const { log } = simulate(scenario([host], [tenant('t', 'm', load)], 60), { eventLoop });
  return Array.from(log.calls.execution);
}

// It falls asleep when the second request has become a payload, 30 ms after it came; the third wakes nobody, since
// eight could go together.
describe.each([false, true])('a sleeping batcher looks around after 500 ms (eventLoop: %s)', (eventLoop) => {
  it('and adds what woke nobody to the payload that waits', () => {
    expect(executions([0, 100, 400], { sizes: [1, 1, 2], eventLoop })).toEqual([0, 1, 1]);
  });

  it('whether or not enough to wake it would come later on', () => {
    const later = Array.from({ length: 20 }, (_, i) => 20_000 + i);
    expect(executions([0, 100, 400], { eventLoop })).toEqual([0, 1, 1]);
    expect(executions([0, 100, 400, ...later], { eventLoop }).slice(0, 3)).toEqual([0, 1, 1]);
  });

  it('but not before', () => {
    expect(executions([0, 900, 1000], { eventLoop })).toEqual([0, 1, 2]);
  });
});
