import { calibrateKnown } from './calibrate-known.js';
import { type HeldOutLoad, heldOutLoads } from './held-out.js';
import type { KnownServer } from './known-server.js';
import { type FoundParameter, foundParameters } from './parameters.js';

/** A known server beside what its calibration found and predicts. */
export type KnownResult = Awaited<ReturnType<typeof checkKnown>>;

/** What must hold, in percent. */
export const WITHIN = { parameter: 5, mean: 3, p99: 6 } as const;

export async function checkKnown(known: KnownServer) {
  const calibration = await calibrateKnown(known);
  return {
    server: known.name,
    shows: known.shows,
    parameters: foundParameters(known, calibration.fit),
    loads: heldOutLoads(known, calibration),
  };
}

export function isOff({ isUnidentified, errorPercent }: FoundParameter): boolean {
  return !isUnidentified && !(Math.abs(errorPercent) <= WITHIN.parameter);
}

export function isLoadOff({ meanErrorPercent, p99ErrorPercent }: HeldOutLoad): boolean {
  return !(Math.abs(meanErrorPercent) <= WITHIN.mean && Math.abs(p99ErrorPercent) <= WITHIN.p99);
}

/** Sentences of what does not hold. */
export function missesOf({ server, parameters, loads }: KnownResult): string[] {
  return [
    ...parameters
      .filter(isOff)
      .map(
        ({ model, parameter, truth, found }) =>
          `${server}: ${parameter} of ${model} is ${truth}, found ${found}`,
      ),
    ...loads
      .filter(isLoadOff)
      .map(
        ({ model, load, meanErrorPercent, p99ErrorPercent }) =>
          `${server}: ${load} of ${model} is off by ${meanErrorPercent.toFixed(1)} % (mean), ${p99ErrorPercent.toFixed(1)} % (p99)`,
      ),
  ];
}
