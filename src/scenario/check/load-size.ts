import { meanRatePerS } from '../../trace/synthesis/mean-rate.js';
import { burstyStates, onOffStates } from '../../trace/synthesis/mmpp.js';
import type { ArrivalProcess, MmppState } from '../../trace/synthesis/process.js';

/** Requests (and changes of rate) of all tenants together; more would not fit into a machine's memory. */
export const MOST_STEPS = 200_000_000;

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
