import type { Scenario, Tenant } from '../../scenario/scenario.js';
import { shareTrace } from '../sweep/content-library.js';

/** The scenario with its arrivals in memory that threads share, so that none gets a copy of them. */
export function inSharedMemory(scenario: Scenario): Scenario {
  return { ...scenario, tenants: scenario.tenants.map(sharing) };
}

function sharing(tenant: Tenant): Tenant {
  const { load } = tenant;
  if (load.mode === 'closed' || (load.trace.arrivalUs.buffer as ArrayBufferLike) instanceof SharedArrayBuffer)
    return tenant;
  return { ...tenant, load: { ...load, trace: shareTrace(load.trace) } };
}
