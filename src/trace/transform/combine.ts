import { sortByArrival } from '../build.js';
import { stackRows } from '../rows.js';
import type { Trace } from '../trace.js';

/**
 * All traces at the same time, on one clock. Tenants of the same name become one. Arrivals of the
 * same microsecond are in the order of the list. The longest trace gives the duration.
 */
export function superposeTraces(traces: readonly Trace[]): Trace {
  const durationUs = traces.reduce((longest, trace) => Math.max(longest, trace.durationUs), 0);
  return sortByArrival({ ...stackRows(traces), durationUs, ...joinedSource(traces) });
}

/** One trace after the other: each begins where the one before it ends. */
export function concatTraces(traces: readonly Trace[]): Trace {
  let startUs = 0;
  const shifted = traces.map((trace) => {
    const offsetUs = startUs;
    startUs += trace.durationUs;
    return { ...trace, arrivalUs: trace.arrivalUs.map((us) => us + offsetUs) };
  });
  return { ...stackRows(shifted), durationUs: startUs, ...joinedSource(traces) };
}

function joinedSource(traces: readonly Trace[]): Pick<Trace, 'source'> {
  const sources = new Set(traces.flatMap((trace) => trace.source ?? []));
  return sources.size === 0 ? {} : { source: [...sources].join(' + ') };
}
