import type { Scenario, Tenant } from '../../scenario/scenario.js';

/** Requests of each open-loop tenant that a short run must hold to say anything about its tail. */
const REQUESTS_PER_RUN = 200;
/** A closed loop's requests are not known beforehand; so much of its run is always simulated. */
const CLOSED_LOOP_SHARE = 1 / 27;
/** How busy a tenant is at which time is told by parts of the run of this length. */
const PARTS = 27;
/** A short run must hold a time that is as busy as this part of the busiest: parts of a steady load differ by chance. */
const BUSY_ENOUGH = 0.75;

/**
 * The smallest part of what is counted of a run that still says something of the whole, 0..1: from its beginning on it holds
 * enough requests of every tenant, also of one that comes late, and a time that is about as busy as the busiest.
 */
export function smallestShare(scenario: Scenario): number {
  return scenario.tenants.reduce((largest, tenant) => Math.max(largest, shareOf(tenant, scenario)), 0);
}

function shareOf({ load }: Tenant, { warmUpUs, durationUs }: Scenario): number {
  if (load.mode === 'closed') return CLOSED_LOOP_SHARE;
  const counted = load.trace.arrivalUs.filter((us) => us >= warmUpUs && us < durationUs);
  if (counted.length < REQUESTS_PER_RUN) return 1;
  const shares = counted.map((us) => (us - warmUpUs) / (durationUs - warmUpUs));
  return Math.max(shares[REQUESTS_PER_RUN - 1]!, busyFrom(shares));
}

/** Until when a time has come that is about as busy as the busiest. */
function busyFrom(shares: Float64Array): number {
  const requests = new Array<number>(PARTS).fill(0);
  for (const share of shares) requests[Math.floor(share * PARTS)]!++;
  const busiest = requests.reduce((most, count) => Math.max(most, count), 0);
  return (requests.findIndex((count) => count >= BUSY_ENOUGH * busiest) + 1) / PARTS;
}
