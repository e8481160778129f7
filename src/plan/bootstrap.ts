import { countBefore } from '../base/count-before.js';
import type { Random } from '../base/random.js';
import { takeRows } from '../trace/rows.js';
import { SEQUENCE_START } from '../trace/sequence-flags.js';
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

/**
 * The trace put together anew from blocks of itself that begin at the given times; requests are as they were. A sequence goes with
 * the block in which it began, whole, and has an id of its own.
 */
export function resampleBlocks(
  trace: Trace,
  blockUs: number,
  startsUs: readonly number[],
  durationUs: number,
): Trace {
  const { arrivalUs } = trace;
  const sequences = sequencesOf(trace);
  const { begunUs = arrivalUs } = sequences ?? {};
  const taken: { row: number; us: number; block: number }[] = [];
  for (const [block, startUs] of startsUs.entries()) {
    const shiftUs = block * blockUs - startUs;
    const endUs = sequences === undefined ? startUs + blockUs : Infinity;
    let row = countBefore(arrivalUs, startUs);
    for (; row < arrivalUs.length && arrivalUs[row]! < endUs; row++) {
      const us = arrivalUs[row]! + shiftUs;
      if (us >= durationUs) break;
      if (begunUs[row]! >= startUs && begunUs[row]! < startUs + blockUs) taken.push({ row, us, block });
    }
  }
  if (sequences !== undefined) taken.sort((a, b) => a.us - b.us);
  const rows = Uint32Array.from(taken, ({ row }) => row);
  const idOf = ({ row, block }: { row: number; block: number }) => {
    const number = sequences!.numbers[row]!;
    return number === 0 ? 0 : block * sequences!.count + number;
  };
  return {
    ...takeRows(trace, rows),
    ...(sequences !== undefined && { sequenceId: Float64Array.from(taken, idOf) }),
    arrivalUs: Float64Array.from(taken, ({ us }) => us),
    durationUs,
  };
}

/** Of each row the number of its sequence, from 1, or 0, and when that began. An id may be used again, from a request that starts. */
function sequencesOf({ arrivalUs, sequenceId, sequenceFlags }: Trace) {
  if (sequenceId === undefined) return undefined;
  const underWay = new Map<number, { readonly number: number; readonly us: number }>();
  const numbers = new Uint32Array(arrivalUs.length);
  const begunUs = Float64Array.from(arrivalUs);
  let count = 0;
  for (const [row, id] of sequenceId.entries()) {
    if (id === 0) continue;
    const starts = (sequenceFlags?.[row] ?? 0) & SEQUENCE_START;
    let own = underWay.get(id);
    if (own === undefined || starts) {
      own = { number: ++count, us: arrivalUs[row]! };
      underWay.set(id, own);
    }
    numbers[row] = own.number;
    begunUs[row] = own.us;
  }
  return { numbers, begunUs, count };
}
