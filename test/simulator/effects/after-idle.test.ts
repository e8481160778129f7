import { describe, expect, it } from 'vitest';
import { simulate } from '../../../src/simulator/simulate.js';
import { arrivals, config, profile, scenario, server, tenant } from '../../support/scenario.js';

/** Latencies in microseconds of an instance that takes 10 ms, and after idling up to 10 ms longer. */
function latenciesUs(
  arrivalUs: readonly number[],
  { pipelined, eventLoop }: { pipelined: boolean; eventLoop: boolean },
) {
  const own = profile('m', 10, 0, { linearIdlePenalty: { freeMs: 2, msPerIdleMs: 0.5, maxIdleMs: 22 } });
  const slow = { ...own, service: own.service.map((point) => ({ ...point, inputMs: 0.1 })) };
  const model = { config: config('m', 1), profile: slow, more: { pipelined } };
  const spec = scenario([server('s', { models: [model] })], [tenant('t', 'm', arrivals(arrivalUs))], 1);
  const { log } = simulate(spec, { eventLoop });
  return Array.from(log.endedUs, (us, row) => us - log.plannedUs[row]!);
}

describe.each([true, false])(
  'an instance that slows down when it idles (general event loop: %s)',
  (eventLoop) => {
    it.each([true, false])(
      'takes longer by its idle time beyond what is free, up to the most (pipelined: %s)',
      (pipelined) => {
        const arrivalUs = [0, 11_100, 25_200, 75_300];
        // Idle for 1, 4 and 35 ms: half of what lies between 2 and 22 ms is added.
        expect(latenciesUs(arrivalUs, { pipelined, eventLoop })).toEqual([10_100, 10_100, 11_100, 20_100]);
      },
    );

    it('is not idle while an execution is under way, also when it takes the next one early', () => {
      const [, first, second] = latenciesUs([0, 60_000, 65_000], { pipelined: true, eventLoop });
      expect(first).toBe(20_100);
      // It arrives 5 ms after the first, infers when that has ended, and pays nothing of its own.
      expect(second).toBe(20_100 - 5000 + 10_000);
    });
  },
);
