import type { Random } from '../../base/random.js';
import type { Tenant } from '../../scenario/scenario.js';
import { chooseTarget, type RouterState } from '../load/routing.js';
import type { Served } from './served.js';
import type { World } from './world.js';

/**
 * Gives the served model to which a tenant's next request goes; undefined: none takes requests now. All requests of a sequence go
 * where its first went, as Triton asks of whoever is in front of several servers: for the router they are one.
 * @param sequence 0: none
 * @param ends whether the request is the last of its sequence
 */
export type Router = (sequence: number, ends: boolean) => Served | undefined;

export function createRouter({ setup, open }: World, tenant: Tenant): Router {
  const targets = tenant.targets.map((target) => modelOf(setup, target));
  if (targets.length === 1 && setup.changes.length === 0) return () => open[targets[0]!];
  const random: Random = setup.streams.get(`routing ${tenant.name}`);
  const mayClose = setup.changes.length > 0;
  const hasCaches = tenant.targets.some(
    ({ server }) => setup.scenario.servers[server]!.modelCache !== undefined,
  );
  const outstanding = new Int32Array(targets.length);
  const state: RouterState & { sent: number } = { sent: 0, outstanding };
  const placeOf = new Map<number, number>();
  return (sequence, ends) => {
    const known = sequence === 0 ? undefined : placeOf.get(sequence);
    if (known !== undefined && ends) placeOf.delete(sequence);
    if (known !== undefined && open[known] !== undefined) return open[known];
    const all = mayClose ? targets.filter((target) => open[target] !== undefined) : targets;
    if (all.length === 0) return undefined;
    const there = hasCaches ? preferred(all.map((target) => open[target]!)) : all;
    for (let i = 0; i < there.length; i++) outstanding[i] = open[there[i]!]!.outstanding;
    const target = there[chooseTarget(tenant.routing, there.length, state, random)]!;
    state.sent++;
    if (sequence !== 0 && !ends && targets.length > 1) placeOf.set(sequence, target);
    return open[target];
  };
}

/** Places of those that have the model loaded, or can have it soonest. */
function preferred(all: readonly Served[]): number[] {
  const preferences = all.map((served) => served.host.modelCache?.preference(served) ?? Infinity);
  const most = Math.max(...preferences);
  return all.flatMap(({ index }, i) => (preferences[i] === most ? [index] : []));
}

/** The place of a target among the component's served models. */
export function modelOf({ component }: World['setup'], target: Tenant['targets'][number]): number {
  return component.served.findIndex(
    ({ server, model }) => server === target.server && model === target.model,
  );
}
