import { type Random, RandomStreams } from '../../base/random.js';
import type { Trace } from '../trace.js';
import { checkedStream, checkOptions } from './arrival-stream.js';
import { describeProcess } from './describe-process.js';
import { checkedTrace, expectedRequests, tenantRandoms } from './generate.js';
import type { ArrivalProcess } from './process.js';

/** How the arrivals of a trace are drawn: enough to draw the same ones again, on any thread. */
export interface DrawnArrivals {
  readonly process: ArrivalProcess;
  readonly durationS: number;
  readonly seed: number | string;
  readonly tenant: string;
  /** Whether they stay in memory once they are drawn; else they are drawn anew each time somebody asks. */
  readonly isKept: boolean;
}

/**
 * A trace of one tenant whose arrivals are drawn when they are asked for.
 * @throws InputError as `generateTrace` does
 */
export function drawnTrace(drawn: DrawnArrivals): Trace {
  const { process, durationS, tenant } = drawn;
  checkOptions({ process, durationS });
  expectedRequests(drawn);
  let kept: Trace | undefined;
  const all = (): Trace => {
    if (kept !== undefined) return kept;
    const trace = checkedTrace({ tenant, process, durationS, random: randomOf(drawn) });
    if (drawn.isKept) kept = trace;
    return trace;
  };
  const trace: Trace = {
    tenants: [tenant],
    get arrivalUs() {
      return all().arrivalUs;
    },
    get tenant() {
      return all().tenant;
    },
    durationUs: Math.round(durationS * 1e6),
    source: `generated: ${describeProcess(process)}`,
  };
  // A copy with other arrivals must not say that they are drawn so.
  return Object.defineProperty(trace, 'drawn', { value: drawn, enumerable: false });
}

/** About how many requests a trace has: nothing is drawn to tell it. */
export function plannedRequests(trace: Trace): number {
  return trace.drawn === undefined ? trace.arrivalUs.length : Math.round(expectedRequests(trace.drawn));
}

export function isIdle(trace: Trace): boolean {
  return trace.drawn === undefined
    ? trace.arrivalUs.length === 0
    : firstArrivals(trace.drawn, 1).length === 0;
}

/** The first arrivals of a trace: so many, or all. */
export function firstArrivals(drawn: DrawnArrivals, count: number): Float64Array {
  const arrivalUs = new Float64Array(count);
  return arrivalUs.subarray(0, checkedStream({ ...drawn, random: randomOf(drawn) }).fill(arrivalUs));
}

function randomOf({ seed, tenant }: DrawnArrivals): Random {
  return tenantRandoms(new RandomStreams(seed), tenant).random;
}

/** The trace without its arrivals, where they can be drawn again: what another thread is handed. */
export function toBeDrawn(trace: Trace): Trace {
  const { tenants, durationUs, source, drawn } = trace;
  if (drawn === undefined) return trace;
  return { tenants, durationUs, ...(source && { source }), drawn } as Trace;
}

/** The trace with its arrivals, as after {@link toBeDrawn}; any other as it is. */
export function drawnAgain(trace: Trace, isKept = trace.drawn?.isKept ?? true): Trace {
  return trace.drawn === undefined ? trace : drawnTrace({ ...trace.drawn, isKept });
}
