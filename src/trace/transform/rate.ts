import { InputError } from '../../base/problem.js';
import type { Random } from '../../base/random.js';
import { remembered } from '../../base/remembered.js';
import { filterRows } from '../rows.js';
import { SEQUENCE_START } from '../sequence-flags.js';
import type { Trace } from '../trace.js';
import { superposeTraces } from './combine.js';

/**
 * Keeps each request, and of sequences each whole, with the given probability, independently. The expected rate is the rate
 * times the probability (the count is binomial), and bursts are thinned out: the law of the gaps
 * moves towards that of a Poisson process. To lower a rate and keep the bursts, use `scaleTime`.
 *
 * @throws InputError when the probability is not within 0 and 1
 */
export function thinTrace(trace: Trace, probability: number, random: Random): Trace {
  if (!(probability >= 0 && probability <= 1)) {
    throw InputError.of(`cannot keep requests with a probability of ${probability}`, 'give 0 to 1');
  }
  const { sequenceId } = trace;
  if (sequenceId === undefined) return filterRows(trace, () => random.next() < probability);
  const isKept = new Map<number, boolean>();
  return filterRows(trace, (row) => {
    const id = sequenceId[row]!;
    if (id === 0) return random.next() < probability;
    return remembered(isKept, id, () => random.next() < probability);
  });
}

/**
 * The trace at `factor` times its rate over the same duration. Below 1 it is thinned. Above 1 it
 * is laid over itself: whole copies, and for the fraction a thinned one. The first copy stays as
 * it is, each other copy is turned around the trace's end by a random time in its own part of a minute, so that no two copies arrive together, whatever is drawn, and the shape over longer
 * times (the day, say) stays. For a whole factor the rate is exact, otherwise it is on average.
 *
 * What this is not: independent copies smooth each other, so the CV of gaps moves towards 1.
 * `scaleTime` changes the rate and keeps the CV.
 *
 * @throws InputError when the factor is negative or not finite, or sequence ids are too large to
 *   give copies their own
 */
export function scaleRate(trace: Trace, factor: number, random: Random): Trace {
  if (!(factor >= 0 && Number.isFinite(factor))) {
    throw InputError.of(`cannot scale a rate by ${factor}`, 'give a number of 0 or more');
  }
  const copies = Math.floor(factor);
  const fraction = factor - copies;
  if (copies === 0) return thinTrace(trace, fraction, random);
  const maxShiftUs = Math.min(FARTHEST_US, trace.durationUs);
  const layers = [trace];
  const moved = fraction > 0 ? copies : copies - 1;
  const shifted = (copy: number) => {
    const shiftUs = Math.floor(((copy - random.next() / 2) / moved) * maxShiftUs);
    return shiftedCopy(trace, copy, shiftUs);
  };
  for (let copy = 1; copy < copies; copy++) layers.push(shifted(copy));
  if (fraction > 0) layers.push(thinTrace(shifted(copies), fraction, random));
  return layers.length === 1 ? trace : superposeTraces(layers);
}

/** Farthest that a copy is moved. */
const FARTHEST_US = 60_000_000;

function shiftedCopy(trace: Trace, copy: number, shiftUs: number): Trace {
  const lengthUs = Math.max(1, trace.durationUs);
  const turned = trace.arrivalUs.map((us) => (us + shiftUs) % lengthUs);
  return {
    ...trace,
    arrivalUs: turned,
    ...ownSequences(trace, copy),
    ...ownStarts(trace, lengthUs - shiftUs),
  };
}

/** Of a sequence that is under way at that time the rest comes before its start, as a sequence of its own. */
function ownStarts(
  { arrivalUs, sequenceId, sequenceFlags }: Trace,
  fromUs: number,
): Pick<Trace, 'sequenceFlags'> {
  if (sequenceId === undefined || sequenceFlags === undefined) return {};
  const started = new Set<number>();
  return {
    sequenceFlags: sequenceFlags.map((flags, row) => {
      const id = sequenceId[row]!;
      const isFirst = id !== 0 && arrivalUs[row]! >= fromUs && !started.has(id);
      if (isFirst) started.add(id);
      return isFirst ? flags | SEQUENCE_START : flags;
    }),
  };
}

/** Sequences of a copy are other sequences than those of the first. */
function ownSequences(trace: Trace, copy: number): Pick<Trace, 'sequenceId'> {
  if (trace.sequenceId === undefined) return {};
  const highest = trace.sequenceId.reduce((max, id) => Math.max(max, id), 0);
  if (!Number.isSafeInteger((copy + 1) * highest)) {
    throw InputError.of(
      `the sequence ids go up to ${highest}, which leaves none for copies`,
      'number the sequences from 1 up',
    );
  }
  return { sequenceId: trace.sequenceId.map((id) => (id === 0 ? 0 : id + copy * highest)) };
}
