import { describe, expect, it } from 'vitest';
import { NO_QUEUE_POLICY } from '../../src/scenario/model-config.js';
import { partition } from '../../src/simulator/partition.js';
import { simulate } from '../../src/simulator/simulate.js';
import { simulateLatencies } from '../../src/simulator/simulate-latencies.js';
import { Outcome } from '../../src/trace/request-log.js';
import { expectSameRuns } from '../support/same-runs.js';
import { arrivals, config, profile, scenario, server, tenant } from '../support/scenario.js';

describe('a run that keeps latencies only', () => {
  it.each([
    { preserveOrdering: false, release: '24.10', secondUs: 3000 },
    { preserveOrdering: true, release: '24.10', secondUs: 5900 },
    { preserveOrdering: true, release: '25.09', secondUs: 3000 },
    { preserveOrdering: true, release: '26.08', secondUs: 5900 },
  ])(
    'gives those of the full log (preserve_ordering: $preserveOrdering, release $release)',
    ({ preserveOrdering, release, secondUs }) => {
      const model = {
        config: config('m', 4, { preserveOrdering }),
        profile: profile('m', 2, 1),
        instances: 2,
      };
      // A large request is overtaken by a small one on the other instance.
      const load = arrivals([0, 100, 8000, 8100], { batchSize: Uint16Array.of(4, 1, 1, 3) });
      const place = server('s', { models: [model] });
      const released = { ...place, options: { ...place.options, tritonVersion: release } };
      const spec = scenario([released], [tenant('t', 'm', load)], 1);
      expectSameRuns(simulate(spec), simulate(spec, { eventLoop: true }));
      const { log } = simulate(spec);
      const [latencies] = simulateLatencies(spec, partition(spec)[0]!);
      const logged = log.endedUs.map((ended, row) => ended - log.plannedUs[row]!);
      expect(Array.from(latencies!.latencyUs)).toEqual(Array.from(logged));
      expect(logged[1]).toBe(secondUs);
    },
  );

  it('counts only those refusals of which word comes before the end of the run', () => {
    const policy = { ...NO_QUEUE_POLICY, maxQueueSize: 1 };
    const model = { config: config('m', 1, { defaultQueuePolicy: policy }), profile: profile('m', 20, 0) };
    const network = { ...server('s', { models: [model] }).network, responseDelayUs: 3000 };
    const every100Us = arrivals(Array.from({ length: 100 }, (_, i) => 100 * i));
    const spec = scenario(
      [server('s', { models: [model], more: { network } })],
      [tenant('t', 'm', every100Us)],
      0.01,
    );
    const refused = simulate(spec).log.outcome.filter((outcome) => outcome === Outcome.rejected).length;
    expect(simulateLatencies(spec, partition(spec)[0]!)[0]!.rejected).toBe(refused);
  });
});
