import { expect, it } from 'vitest';
import type { Scenario } from '../../src/scenario/scenario.js';
import type { TenantSpec } from '../../src/scenario/spec/tenant-spec.js';
import { partition } from '../../src/simulator/partition.js';
import { componentKey, detachScenario } from '../../src/sweep/detached.js';
import { config, ONE_CLIENT, profile, scenario, server, tenant } from '../support/scenario.js';

/** Each model on a server of its own, called by a tenant of its own. */
function apart(models: readonly string[], fixedMs: Readonly<Record<string, number>> = {}): Scenario {
  return scenario(
    models.map((name) =>
      server(`server-of-${name}`, {
        models: [{ config: config(name, 1), profile: profile(name, fixedMs[name] ?? 5, 0) }],
      }),
    ),
    models.map((name, i) =>
      tenant(`caller-of-${name}`, name, ONE_CLIENT, { targets: [{ server: i, model: 0 }] }),
    ),
    1,
  );
}

/** The address of the component that a tenant is in; the text itself in place of its hash. */
function addressOf(name: string, of: Scenario): string {
  const specs = of.tenants.map(() => ({}) as TenantSpec);
  const hashes = { profile: JSON.stringify, trace: (file: string) => file };
  const component = partition(of).find(({ tenants }) => tenants.some((t) => of.tenants[t]!.name === name))!;
  return componentKey(detachScenario(of, specs, undefined, hashes), component, 'engine', (text) => text);
}

it('a component has one address, wherever it stands in a scenario and whatever stands beside it', () => {
  const alone = addressOf('caller-of-b', apart(['b']));
  expect(addressOf('caller-of-b', apart(['a', 'b', 'c']))).toBe(alone);
  expect(addressOf('caller-of-b', apart(['a', 'b'], { a: 7 }))).toBe(alone);
  expect(addressOf('caller-of-b', apart(['a', 'b'], { b: 7 }))).not.toBe(alone);
});
