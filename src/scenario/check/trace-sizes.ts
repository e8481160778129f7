import type { RandomStreams } from '../../base/random.js';
import { batchSizeSampler } from '../../trace/synthesis/batch-sizes.js';
import { tenantRandoms } from '../../trace/synthesis/generate.js';
import type { Trace } from '../../trace/trace.js';
import type { TenantSpec } from '../spec/tenant-spec.js';

/**
 * The trace with the tenant's batch sizes in the rows that do not say theirs: those it draws where they
 * vary. A column in which no row says anything is left out, so that it is told from one that does.
 */
export function withTenantSizes(trace: Trace, tenant: TenantSpec, streams: RandomStreams): Trace {
  if (trace.drawn !== undefined && typeof tenant.batchSize === 'number') return trace;
  const { batchSize: sizes, payloadBytes: bytes, ...rest } = trace;
  const batchSize = saysNothing(sizes) ? drawnSizes(trace, tenant, streams) : filled(sizes!, tenant, streams);
  return {
    ...rest,
    ...(batchSize && { batchSize }),
    ...(!saysNothing(bytes) && { payloadBytes: bytes! }),
  };
}

function saysNothing(column: Uint16Array | Uint32Array | undefined): boolean {
  return column === undefined || column.every((value) => value === 0);
}

/** Undefined where every request has what the tenant says. */
function drawnSizes(trace: Trace, tenant: TenantSpec, streams: RandomStreams): Uint16Array | undefined {
  if (typeof tenant.batchSize === 'number') return undefined;
  return filled(new Uint16Array(trace.arrivalUs.length), tenant, streams);
}

function filled(sizes: Uint16Array, { name, batchSize }: TenantSpec, streams: RandomStreams): Uint16Array {
  if (!sizes.includes(0)) return sizes;
  if (typeof batchSize === 'number') return sizes.map((said) => said || batchSize);
  const { batchRandom } = tenantRandoms(streams, name);
  const sampler = batchSizeSampler(batchSize);
  return sizes.map((said) => said || sampler.next(batchRandom));
}
