import fc from 'fast-check';
import type { GroupLimits } from '../../src/scenario/model-config.js';
import { demandOf } from '../../src/scenario/rate-limits.js';
import type { Scenario } from '../../src/scenario/scenario.js';
import { anyScenario, type Freedom } from './arbitrary-scenario.js';

const anyGroup: fc.Arbitrary<GroupLimits> = fc.record({
  resources: fc.subarray([
    { name: 'a', count: 2, global: false },
    { name: 'b', count: 1, global: true },
    { name: 'c', count: 3, global: true },
  ]),
  priority: fc.constantFrom(1, 1, 2, 5),
});

/** Random scenarios whose servers have a rate limiter, and whose instances ask it for resources. */
export function anyLimitedScenario(
  freedom: Freedom = {},
  base: fc.Arbitrary<Scenario> = anyScenario(freedom),
): fc.Arbitrary<Scenario> {
  return fc
    .record({
      plain: base,
      groups: fc.array(anyGroup, { minLength: 9, maxLength: 9 }),
      /** More than anyone asks for, or just as much. */
      written: fc.constantFrom([], [2, 1, 3], [4, 2, 5]),
    })
    .map(({ plain, groups, written }) => ({
      ...plain,
      servers: plain.servers.map((server) => ({
        ...server,
        options: {
          ...server.options,
          rateLimit: { resources: written.map((count, i) => ({ name: 'abc'[i]!, count })) },
        },
        models: server.models.map((model, m) => ({
          ...model,
          instances: model.instances.map((instance, i) => {
            const group = groups[(3 * m + i) % groups.length]!;
            const { priority } = group;
            return { ...instance, limits: { demand: demandOf(group, instance.device), priority } };
          }),
        })),
      })),
    }));
}
