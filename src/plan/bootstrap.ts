import { countBefore } from '../base/count-before.js';
import type { Random } from '../base/random.js';
import { takeRows } from '../trace/rows.js';
import type { Trace } from '../trace/trace.js';

/**
 * A block bootstrap (Künsch 1989): where each block of a new day comes from. The same for all tenants,
 * so that what happens together stays together.
 */
export function drawBlocks(durationUs: number, blockUs: number, random: Random): readonly number[] {
  const blocks = Math.max(1, Math.ceil(durationUs / blockUs));
  const starts = Math.max(1, durationUs - blockUs);
  return Array.from({ length: blocks }, () => random.nextInt(starts));
}

/** The trace put together anew from blocks of itself that begin at the given times; requests are as they were. */
export function resampleBlocks(
  trace: Trace,
  blockUs: number,
  startsUs: readonly number[],
  durationUs: number,
): Trace {
  const rows: number[] = [];
  const arrivals: number[] = [];
  for (const [block, startUs] of startsUs.entries()) {
    const shiftUs = block * blockUs - startUs;
    let row = countBefore(trace.arrivalUs, startUs);
    for (; row < trace.arrivalUs.length && trace.arrivalUs[row]! < startUs + blockUs; row++) {
      const us = trace.arrivalUs[row]! + shiftUs;
      if (us >= durationUs) break;
      rows.push(row);
      arrivals.push(us);
    }
  }
  return { ...takeRows(trace, Uint32Array.from(rows)), arrivalUs: Float64Array.from(arrivals), durationUs };
}
