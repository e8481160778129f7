import { countBefore } from '../base/count-before.js';
import { withCalled } from '../scenario/composition.js';
import type { Scenario, ServedModel, Tenant } from '../scenario/scenario.js';
import type { ServedRef } from './partition.js';

// What the tenants of a component ask for, as far as it is known before the run.

/** Inferences of the largest request: a model that takes any executes it as it is. */
export function largestRequest(tenants: readonly Tenant[]): number {
  let largest = 1;
  for (const { batchSize, load } of tenants) {
    largest = Math.max(largest, batchSize);
    const sizes = load.mode === 'closed' ? undefined : load.trace.batchSize;
    if (sizes !== undefined) for (const size of sizes) if (size > largest) largest = size;
  }
  return largest;
}

/**
 * What a server gets of the tenants; of closed-loop clients that wait for answers as much as there may be.
 * @param weightOf for how many requests one to that model counts
 */
export function requestsPerS(
  { durationUs, servers }: Scenario,
  tenants: readonly Tenant[],
  server: number,
  weightOf: (model: ServedModel) => number = () => 1,
): number {
  return tenants.reduce((sum, { load, targets, usualPerS }) => {
    const here = targets.filter((target) => target.server === server);
    if (here.length === 0) return sum;
    if (load.mode === 'closed') return Number.POSITIVE_INFINITY;
    const weight = here.reduce((all, { model }) => all + weightOf(servers[server]!.models[model]!), 0);
    const perS = usualPerS ?? countBefore(load.trace.arrivalUs, durationUs) / (durationUs / 1e6);
    return sum + (weight / targets.length) * perS;
  }, 0);
}

/** Whether it is known before the run when each request is sent and to which model: open loops with one target, and nothing comes or goes. */
export function sendsAsPlanned({
  changes,
  tenants,
}: {
  readonly changes: readonly unknown[];
  readonly tenants: readonly Tenant[];
}): boolean {
  return (
    changes.length === 0 && tenants.every(({ load, targets }) => load.mode === 'open' && targets.length === 1)
  );
}

/** Whether answers may have to wait for those to earlier requests of their stream. */
export function shareStreams(tenants: readonly Tenant[]): boolean {
  return tenants.some(({ sharedStreams }) => sharedStreams !== undefined);
}

/** Requests and calls that there will be, about. */
export function expectedRequests({ servers }: Scenario, tenants: readonly Tenant[]): number {
  let rows = 0;
  for (const { load, targets } of tenants) {
    const requests = load.mode === 'closed' ? Math.min(load.maxRequests, 4096) : load.trace.arrivalUs.length;
    const [{ server, model }] = targets as readonly [ServedRef];
    // Each call has a row: most requests call each model below theirs once.
    rows += requests * withCalled(servers[server]!.models, [model]).length;
  }
  return rows;
}

/**
 * How many batched requests keep the threads of a model awake as one does under these settings: where each is executed by itself,
 * as many as shared an execution under the densest load of its calibration.
 */
export function requestsBatchedOf({ config, instances }: ServedModel): number {
  const densest = instances[0]?.profile.serving?.phasesByRate?.at(-1);
  if (config.dynamicBatching !== undefined || densest === undefined) return 1;
  const { requestsPerS, executionsPerS = requestsPerS } = densest;
  return requestsPerS / executionsPerS;
}

/** Whether its executions take longer where the server gets few requests. */
export function isSlowWhereSparse({ instances }: ServedModel): boolean {
  return instances.some(({ profile }) => profile.serving?.phasesByRate !== undefined);
}

/** The id of a sequence within a component: each tenant numbers its own. 0 = none. */
export function ownSequenceId(id: number, tenant: number, tenants: number): number {
  return id === 0 ? 0 : id * tenants + tenant;
}
