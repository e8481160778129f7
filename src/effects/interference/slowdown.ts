import type { InterferenceFields } from './effect.js';

/** What of a profile decides. */
type Executing = InterferenceFields & { readonly model: string };

/** How many times as long an execution takes while another one runs beside it. */
export interface Slowdown {
  readonly slowdown: number;
  /** Nothing was measured: the value is {@link FAIR_SHARE}. */
  readonly assumed: boolean;
}

/** Two executions that share a device fairly and gain nothing from each other's idle units. */
export const FAIR_SHARE = 2;

/**
 * Slowdown of `profile`'s executions beside one execution of `otherModel`, by the rule told at
 * `Interference`: measured beside itself or in a pair, else 1 + sensitivity × pressure of the other
 * (the product form of Paragon, Delimitrou and Kozyrakis 2013, with one resource), else fair halves.
 */
export function slowdown(profile: Executing, otherModel: string, otherProfile?: Executing): Slowdown {
  const { self, pairs, sensitivity } = profile.interference;
  const pair = pairs.find(({ model }) => model === otherModel);
  const measured = otherModel === profile.model && self !== undefined ? self : pair?.slowdown;
  if (measured !== undefined) return { slowdown: measured, assumed: false };
  const pressure = otherProfile?.interference.pressure;
  if (sensitivity !== undefined && pressure !== undefined) {
    return { slowdown: 1 + sensitivity * pressure, assumed: false };
  }
  return { slowdown: FAIR_SHARE, assumed: true };
}
