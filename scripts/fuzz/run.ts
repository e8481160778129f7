import fc from 'fast-check';
import { drawnBy } from './choose.js';
import type { Family } from './family.js';
import { judge } from './verdict.js';

/** How many inputs of a family, and what they are drawn from. */
export interface Amount {
  readonly seed: number;
  readonly count: number;
}

/** What became of the inputs of a family. */
export interface Tally {
  readonly inputs: number;
  readonly accepted: number;
  readonly refused: number;
  readonly totalMs: number;
  readonly slowestMs: number;
  /** The first input that failed, made as small as it can be without being right. */
  readonly failure?: { readonly reason: string; readonly input: Uint8Array };
}

/** Inputs of a family: they depend on nothing but the family and the seed. */
export function inputsOf(family: Family, { seed, count }: Amount): Uint8Array[] {
  return fc.sample(drawnBy(family.generate), { seed, numRuns: count });
}

/** Makes and judges inputs one after the other, up to the first that fails; `onInput` is told before each. */
export async function fuzzFamily(
  family: Family,
  { seed, count }: Amount,
  onInput: () => void = () => {},
): Promise<Tally> {
  const tally = { inputs: 0, accepted: 0, refused: 0, totalMs: 0, slowestMs: 0 };
  let reason: string | undefined;
  const isRight = async (input: Uint8Array) => {
    onInput();
    const verdict = await judge(family, input);
    // Inputs that are only tried to find a smaller one do not count.
    if (reason === undefined) {
      tally.inputs++;
      tally.accepted += Number(verdict.outcome === 'accepted');
      tally.refused += Number(verdict.outcome === 'refused');
      tally.totalMs += verdict.ms;
      tally.slowestMs = Math.max(tally.slowestMs, verdict.ms);
    }
    if (verdict.outcome === 'failed') reason = verdict.reason ?? 'fails';
    return verdict.outcome !== 'failed';
  };
  // As often as the families say, and not small values more often.
  const settings = { seed, numRuns: count, unbiased: true };
  const found = await fc.check(fc.asyncProperty(drawnBy(family.generate), isRight), settings);
  const input = found.counterexample?.[0];
  if (input === undefined) return tally;
  if (reason === undefined) throw found.errorInstance;
  return { ...tally, failure: { reason, input } };
}
