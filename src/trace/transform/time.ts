import { countBefore } from '../../base/count-before.js';
import { InputError } from '../../base/problem.js';
import { filterRows } from '../rows.js';
import type { Trace } from '../trace.js';

/**
 * The trace played slower (`factor` > 1) or faster (< 1): every arrival and the duration times
 * `factor`, rounded to a microsecond. The rate becomes exactly rate / `factor`, and the shape of
 * every burst stays: the CV of gaps does not change. Request timeouts are not scaled.
 *
 * @throws InputError when the factor is not above 0, or the trace grows past 2^53 microseconds
 */
export function scaleTime(trace: Trace, factor: number): Trace {
  const durationUs = Math.round(trace.durationUs * factor);
  if (!(factor > 0))
    throw InputError.of(`cannot scale the time of a trace by ${factor}`, 'give a number above 0');
  if (!Number.isSafeInteger(durationUs))
    throw InputError.of(
      `scaled by ${factor} the trace is longer than can be counted in microseconds`,
      'give less',
    );
  return { ...trace, arrivalUs: trace.arrivalUs.map((us) => Math.round(us * factor)), durationUs };
}

export interface SliceOptions {
  /** First microsecond that is in. Default 0. */
  readonly fromUs?: number | undefined;
  /** First microsecond that is out. Default: the end, with an arrival at the very end. */
  readonly toUs?: number | undefined;
  /** Let the slice begin at time 0 (the default), or keep the times of the whole. */
  readonly rebase?: boolean | undefined;
}

/**
 * The part of a trace from `fromUs` up to, but not including, `toUs`. Slices that meet, put
 * together with `concatTraces`, give the whole again. All tenants stay, also those without arrivals.
 *
 * @throws InputError when the ends are not whole microseconds in order
 */
export function sliceTrace(trace: Trace, options: SliceOptions): Trace {
  const { fromUs = 0, toUs = Math.max(fromUs, trace.durationUs), rebase = true } = options;
  checkSlice(fromUs, toUs);
  const { arrivalUs } = trace;
  const lastIsIn = toUs >= trace.durationUs;
  const part = filterRows(trace, (row) => {
    const us = arrivalUs[row] as number;
    return us >= fromUs && (us < toUs || lastIsIn);
  });
  const endUs = Math.max(fromUs, Math.min(toUs, trace.durationUs));
  if (!rebase || fromUs === 0) return { ...part, durationUs: endUs };
  return { ...part, arrivalUs: part.arrivalUs.map((us) => us - fromUs), durationUs: endUs - fromUs };
}

/**
 * What happens before `endUs`: requests at that time or later are out, and the trace ends there where
 * it went on. Unlike a slice it never keeps an arrival at its very end.
 */
export function rowsBefore(trace: Trace, endUs: number): Trace {
  const count = countBefore(trace.arrivalUs, endUs);
  if (count === trace.arrivalUs.length && endUs >= trace.durationUs) return trace;
  return { ...filterRows(trace, (row) => row < count), durationUs: endUs };
}

function checkSlice(fromUs: number, toUs: number): void {
  const isWhole = Number.isSafeInteger(fromUs) && Number.isSafeInteger(toUs);
  if (isWhole && fromUs >= 0 && fromUs <= toUs) return;
  throw InputError.of(
    `cannot take a slice from ${fromUs / 1e6} s to ${toUs / 1e6} s`,
    'give whole microseconds from 0 on, the start no later than the end',
  );
}
