import type { Problem } from '../../base/problem.js';
import { meanRatePerS } from '../../trace/synthesis/mean-rate.js';
import { burstyStates, onOffStates } from '../../trace/synthesis/mmpp.js';
import type { ArrivalProcess, MmppState } from '../../trace/synthesis/process.js';

/** Requests (and changes of rate) of all tenants together; more would not fit into a machine's memory. */
export const MOST_STEPS = 200_000_000;

/** What one arrival takes of memory while it is drawn: eight bytes, and as many in the column from which it is copied. */
const BYTES_PER_ARRIVAL = 16;

/** What all loads take together, as far as they are known. */
export class LoadSize {
  readonly #memoryBytes: number;
  #steps = 0;
  #arrivals = 0;

  constructor(memoryBytes = Number.POSITIVE_INFINITY) {
    this.#memoryBytes = memoryBytes;
  }

  /** Counts arrivals that are to be drawn; what is wrong with so many, or undefined. */
  tooManyToDraw(steps: number): Pick<Problem, 'what' | 'remedy'> | undefined {
    this.#arrivals += steps;
    const bytes = this.#arrivals * BYTES_PER_ARRIVAL;
    return (
      this.#tooMany(steps, 'requests or changes of rate', 'lower the rate or the duration') ??
      this.#tooLarge(bytes)
    );
  }

  /** Counts requests of closed-loop clients, which nobody draws; what is wrong with so many, or undefined. */
  tooManyOfClosedLoop(requests: number): Pick<Problem, 'what' | 'remedy'> | undefined {
    return this.#tooMany(
      requests,
      'requests',
      'write a lower concurrency, maxRequests or a shorter duration',
    );
  }

  #tooMany(steps: number, unit: string, remedy: string): Pick<Problem, 'what' | 'remedy'> | undefined {
    this.#steps += steps;
    if (this.#steps <= MOST_STEPS) return undefined;
    const what = `about ${this.#steps.toPrecision(3)} ${unit} up to here`;
    return { what, remedy: `${remedy}: at most ${MOST_STEPS} in all` };
  }

  #tooLarge(bytes: number): Pick<Problem, 'what' | 'remedy'> | undefined {
    if (bytes <= this.#memoryBytes) return undefined;
    const gigabytes = (value: number) => (value / 1e9).toPrecision(2);
    const what = `the arrivals up to here take ${gigabytes(bytes)} GB of memory, and ${gigabytes(this.#memoryBytes)} GB are free`;
    return { what, remedy: 'lower the rate or the duration' };
  }
}

/**
 * What it takes to draw a process: the requests that are expected, and the changes of its rate, which
 * can be far more where states or bins are short.
 */
export function expectedSteps(process: ArrivalProcess, durationS: number): number {
  return meanRatePerS(process, durationS) * durationS + rateChanges(process, durationS);
}

function rateChanges(process: ArrivalProcess, durationS: number): number {
  switch (process.kind) {
    case 'mmpp':
      return stateChanges(process.states, durationS);
    case 'bursty':
      return stateChanges(burstyStates(process), durationS);
    case 'onOff':
      return stateChanges(onOffStates(process), durationS);
    case 'counts':
      return durationS / process.binS;
    default:
      return 0;
  }
}

/** Every state is entered equally often. */
function stateChanges(states: readonly MmppState[], durationS: number): number {
  const roundS = states.reduce((sum, { meanDwellS }) => sum + meanDwellS, 0);
  return (durationS / roundS) * states.length;
}
