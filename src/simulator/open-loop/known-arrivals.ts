import { countBefore } from '../../base/count-before.js';
import { mergedOrder } from '../../base/merged-order.js';
import type { Tenant } from '../../scenario/scenario.js';
import type { Trace } from '../../trace/trace.js';
import { ownSequenceId } from '../component-load.js';
import type { ComponentSetup } from '../component-run.js';
import type { RequestPath } from '../load/request-path.js';

/** Requests of one served model in order of admission; all their times are known before the run. */
export interface KnownArrivals {
  readonly queuedNs: Float64Array;
  /** When each reached the server; undefined: in the queue at once. */
  readonly reachedNs: Float64Array | undefined;
  /** When each was sent; undefined: one network delay before it reached the server. */
  readonly sentNs: Float64Array | undefined;
  /** Where those stand in these columns that reached the server first, second and so on; undefined: in that order. */
  readonly positions: Uint32Array | undefined;
  /** Undefined: every request is one inference. */
  readonly sizes: Uint16Array | undefined;
  readonly shapes: Uint16Array | undefined;
  readonly priorities: Uint32Array | undefined;
  readonly timeoutsUs: Float64Array | undefined;
  /** Of a model that takes them: the sequence of each request, 0 = none, and what it does in it, as in a trace. */
  readonly sequenceIds: Float64Array | undefined;
  readonly sequenceFlags: Uint16Array | undefined;
  /** Which of the component's tenants sent each request; undefined: all are of `onlyTenant`. */
  readonly tenantOf: Uint16Array | undefined;
  readonly onlyTenant: number;
}

/** What requests of one tenant do not have that are of one inference and differ in nothing but their times. */
export const PLAIN = {
  reachedNs: undefined,
  positions: undefined,
  sizes: undefined,
  shapes: undefined,
  priorities: undefined,
  timeoutsUs: undefined,
  sequenceIds: undefined,
  sequenceFlags: undefined,
  tenantOf: undefined,
};

/**
 * The requests of all tenants of served model `index`, by arrival and at one instant by tenant. A
 * request reaches the server one network delay after it was planned, or with one that wakes the server's threads; without a front end
 * that takes time it is then in the queue.
 */
export function knownArrivals(setup: ComponentSetup, index: number): KnownArrivals {
  const ref = setup.component.served[index]!;
  const networkDelay = setup.requestPath(index);
  const senders = setup.tenants.flatMap((tenant, t): Sender | never[] => {
    const [target] = tenant.targets;
    if (target!.server !== ref.server || target!.model !== ref.model) return [];
    const trace = openTrace(tenant);
    // Asked for once: they may be drawn for it.
    const { arrivalUs } = trace;
    return { t, tenant, trace, arrivalUs, count: countBefore(arrivalUs, setup.durationNs / 1000) };
  });
  const [only] = senders;
  if (only !== undefined && senders.length === 1 && isPlain(setup, index, only))
    return plainArrivals(only, networkDelay);
  const total = senders.reduce((sum, { count }) => sum + count, 0);
  const unit = senders.every(({ tenant, trace }) => tenant.batchSize === 1 && trace.batchSize === undefined);
  const takesSequences = setup.served[index]!.config.sequences !== undefined;
  const columns = {
    queuedNs: new Float64Array(total),
    reachedNs: undefined,
    positions: undefined,
    sentNs: networkDelay.evenDelayNs === undefined ? new Float64Array(total) : undefined,
    sizes: unit ? undefined : new Uint16Array(total),
    shapes: senders.some(({ tenant }) => tenant.shape !== 0) ? new Uint16Array(total) : undefined,
    priorities: setup.hasPolicy(index) ? new Uint32Array(total) : undefined,
    timeoutsUs: setup.hasPolicy(index) ? new Float64Array(total) : undefined,
    sequenceIds: takesSequences ? new Float64Array(total) : undefined,
    sequenceFlags: takesSequences ? new Uint16Array(total) : undefined,
    tenantOf: senders.length > 1 ? new Uint16Array(total) : undefined,
    onlyTenant: senders[0]?.t ?? 0,
  };
  mergeByTime(senders, (position, sender, i) => {
    const { tenant, trace, arrivalUs, t } = sender;
    const sentNs = arrivalUs[i]! * 1000;
    columns.queuedNs[position] = networkDelay.arrivalNs(sentNs);
    if (columns.sentNs !== undefined) columns.sentNs[position] = sentNs;
    if (columns.sizes !== undefined) columns.sizes[position] = trace.batchSize?.[i] ?? tenant.batchSize;
    if (columns.shapes !== undefined) columns.shapes[position] = tenant.shape;
    if (columns.priorities !== undefined)
      columns.priorities[position] = trace.priority?.[i] || tenant.priority;
    if (columns.timeoutsUs !== undefined)
      columns.timeoutsUs[position] = trace.timeoutUs?.[i] || tenant.timeoutUs;
    if (columns.sequenceIds !== undefined)
      columns.sequenceIds[position] = ownSequenceId(trace.sequenceId?.[i] ?? 0, t, setup.tenants.length);
    if (columns.sequenceFlags !== undefined) columns.sequenceFlags[position] = trace.sequenceFlags?.[i] ?? 0;
    if (columns.tenantOf !== undefined) columns.tenantOf[position] = t;
  });
  return columns;
}

/** The same requests in another order of admission: first the one at place `order[0]`. */
export function permuted(arrivals: KnownArrivals, order: Uint32Array): KnownArrivals {
  const positions = new Uint32Array(order.length);
  for (let position = 0; position < order.length; position++) positions[order[position]!] = position;
  const column = <T extends Float64Array | Uint32Array | Uint16Array>(from: T): T => {
    const to = from.slice() as T;
    for (let position = 0; position < order.length; position++) to[position] = from[order[position]!]!;
    return to;
  };
  const { queuedNs, reachedNs, sentNs, sizes, shapes, priorities, timeoutsUs, tenantOf } = arrivals;
  const { sequenceIds, sequenceFlags } = arrivals;
  return {
    ...arrivals,
    queuedNs: column(queuedNs),
    reachedNs: reachedNs && column(reachedNs),
    sentNs: sentNs && column(sentNs),
    sizes: sizes && column(sizes),
    shapes: shapes && column(shapes),
    priorities: priorities && column(priorities),
    timeoutsUs: timeoutsUs && column(timeoutsUs),
    sequenceIds: sequenceIds && column(sequenceIds),
    sequenceFlags: sequenceFlags && column(sequenceFlags),
    tenantOf: tenantOf && column(tenantOf),
    positions,
  };
}

/** Whether nothing but the times differs between the requests of the only sender. */
function isPlain(setup: ComponentSetup, index: number, { tenant, trace }: Sender): boolean {
  const isOfOne = tenant.batchSize === 1 && trace.batchSize === undefined;
  const takesSequences = setup.served[index]!.config.sequences !== undefined;
  return isOfOne && tenant.shape === 0 && !takesSequences && !setup.hasPolicy(index);
}

function plainArrivals({ t, trace, arrivalUs, count }: Sender, networkDelay: RequestPath): KnownArrivals {
  // A column that nobody else has is used again.
  const isOwn = trace.drawn?.isKept === false;
  const queuedNs = isOwn ? arrivalUs.subarray(0, count) : new Float64Array(count);
  const delayNs = networkDelay.evenDelayNs;
  if (delayNs !== undefined) {
    for (let i = 0; i < count; i++) queuedNs[i] = arrivalUs[i]! * 1000 + delayNs;
    return { ...PLAIN, queuedNs, sentNs: undefined, onlyTenant: t };
  }
  const sentNs = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    sentNs[i] = arrivalUs[i]! * 1000;
    queuedNs[i] = networkDelay.arrivalNs(sentNs[i]!);
  }
  return { ...PLAIN, queuedNs, sentNs, onlyTenant: t };
}

interface Sender {
  /** Index among the component's tenants. */
  readonly t: number;
  readonly tenant: Tenant;
  readonly trace: Trace;
  readonly arrivalUs: Float64Array;
  /** Its arrivals before the end of the run. */
  readonly count: number;
}

function mergeByTime(
  senders: readonly Sender[],
  put: (position: number, sender: Sender, index: number) => void,
): void {
  // Of equal times the first sender's comes first.
  const { order, starts } = mergedOrder(senders.map(({ arrivalUs, count }) => arrivalUs.subarray(0, count)));
  const senderOf = new Uint16Array(order.length);
  for (const [s, start] of starts.entries()) senderOf.fill(s, start, start + senders[s]!.count);
  for (let position = 0; position < order.length; position++) {
    const at = order[position]!;
    const s = senderOf[at]!;
    put(position, senders[s]!, at - starts[s]!);
  }
}

function openTrace(tenant: Tenant): Trace {
  if (tenant.load.mode !== 'open') throw new Error(`tenant ${tenant.name} is not open loop`);
  return tenant.load.trace;
}
