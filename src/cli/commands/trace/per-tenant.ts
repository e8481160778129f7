import { type Random, RandomStreams } from '../../../base/random.js';
import type { Trace } from '../../../trace/trace.js';
import { splitTenants, superposeTraces } from '../../../trace/transform.js';

/**
 * Changes the requests of each tenant with a random stream of its own, so that no tenant shifts
 * another's draws. A scenario that scales a trace draws from the same streams.
 */
export function changePerTenant(
  trace: Trace,
  seed: number | string,
  change: (own: Trace, random: Random) => Trace,
): Trace {
  const streams = new RandomStreams(seed);
  const changed = splitTenants(trace).map((own) =>
    change(own, streams.get(`trace scaling/${own.tenants[0]}`)),
  );
  return changed.length === 1 ? changed[0]! : superposeTraces(changed);
}
