import { geometric } from '../../base/distributions.js';
import type { Random } from '../../base/random.js';
import { SEQUENCE_END, SEQUENCE_START } from '../../trace/sequence-flags.js';
import type { Trace } from '../../trace/trace.js';
import type { TenantSpec } from '../spec/tenant-spec.js';

/**
 * Takes each arrival as the start of a sequence: its requests follow at their distance from each other, whatever becomes of the
 * ones before.
 * @param untilUs requests from then on are left out
 */
export function asSequences(
  trace: Trace,
  { requests, law, gapMs }: NonNullable<TenantSpec['sequences']>,
  random: Random,
  untilUs: number,
): Trace {
  const rows: { atUs: number; id: number; flags: number }[] = [];
  for (const [i, startUs] of trace.arrivalUs.entries()) {
    const count = law === 'constant' ? Math.round(requests) : geometric(random, requests);
    for (let k = 0; k < count; k++) {
      const atUs = startUs + Math.round(k * gapMs * 1000);
      if (atUs >= untilUs) break;
      const flags = (k === 0 ? SEQUENCE_START : 0) | (k === count - 1 ? SEQUENCE_END : 0);
      rows.push({ atUs, id: i + 1, flags });
    }
  }
  // The sort is stable: at one instant in the order in which sequences started.
  rows.sort((a, b) => a.atUs - b.atUs);
  return {
    ...trace,
    arrivalUs: Float64Array.from(rows, ({ atUs }) => atUs),
    tenant: new Uint16Array(rows.length),
    sequenceId: Float64Array.from(rows, ({ id }) => id),
    sequenceFlags: Uint16Array.from(rows, ({ flags }) => flags),
    durationUs: Math.max(trace.durationUs, (rows.at(-1)?.atUs ?? 0) + 1),
  };
}

/** About how many requests of a sequence come in a run that leaves it so much time. */
export function requestsWithin(
  { requests, gapMs }: NonNullable<TenantSpec['sequences']>,
  roomUs: number,
): number {
  return gapMs === 0 ? requests : Math.min(requests, 1 + roomUs / (gapMs * 1000));
}

/** A trace that says no more than who belongs together: the first request of a sequence starts it, its last one ends it. */
export function withSequenceFlags(trace: Trace): Trace {
  const { sequenceId, sequenceFlags } = trace;
  if (sequenceId === undefined || sequenceFlags !== undefined) return trace;
  const flags = new Uint16Array(sequenceId.length);
  const last = new Map<number, number>();
  for (const [row, id] of sequenceId.entries()) {
    if (id === 0) continue;
    if (!last.has(id)) flags[row]! |= SEQUENCE_START;
    last.set(id, row);
  }
  for (const row of last.values()) flags[row]! |= SEQUENCE_END;
  return { ...trace, sequenceFlags: flags };
}
