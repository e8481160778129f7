import type { Scenario } from '../../scenario/scenario.js';
import { drawnAgain, toBeDrawn } from '../../trace/synthesis/drawn-trace.js';
import type { Trace } from '../../trace/trace.js';
import { shareTrace } from '../sweep/content-library.js';

/**
 * The scenario as threads are handed it: with its arrivals in memory that they share, so that none gets a copy of them, or with
 * what it takes to draw them. Who gets it asks for {@link takenOver}.
 */
export function handedOver(scenario: Scenario): Scenario {
  return withTraces(scenario, (trace) => {
    if (trace.drawn !== undefined) return toBeDrawn(trace);
    const isShared = (trace.arrivalUs.buffer as ArrayBufferLike) instanceof SharedArrayBuffer;
    return isShared ? trace : shareTrace(trace);
  });
}

/** The scenario with arrivals that are drawn when they are asked for, where it was handed over without them. */
export function takenOver(scenario: Scenario): Scenario {
  return withTraces(scenario, (trace) => ('arrivalUs' in trace ? trace : drawnAgain(trace)));
}

/** The scenario with arrivals that are not kept once they are drawn. */
export function forgettingArrivals(scenario: Scenario): Scenario {
  return withTraces(scenario, (trace) => drawnAgain(trace, false));
}

function withTraces(scenario: Scenario, change: (trace: Trace) => Trace): Scenario {
  const tenants = scenario.tenants.map((tenant) => {
    const { load } = tenant;
    return load.mode === 'closed' ? tenant : { ...tenant, load: { ...load, trace: change(load.trace) } };
  });
  return { ...scenario, tenants };
}
