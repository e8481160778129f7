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
  readonly accepted: number;
  readonly refused: number;
  /** The first input that failed, made as small as it can be without being right: its text, or its bytes in base64. */
  readonly failure?: { readonly reason: string; readonly input: string };
}

/** Inputs of a family: they depend on nothing but the family and the seed. */
export function inputsOf(family: Family, { seed, count }: Amount): Uint8Array[] {
  return fc.sample(drawnBy(family.generate), { seed, numRuns: count });
}

/** Makes and judges inputs one after the other, up to the first that fails. */
export async function fuzzFamily(family: Family, { seed, count }: Amount): Promise<Tally> {
  const tally = { accepted: 0, refused: 0 };
  let reason: string | undefined;
  const isRight = async (input: Uint8Array) => {
    const verdict = await judge(family, input);
    if (verdict.outcome !== 'failed') tally[verdict.outcome]++;
    else reason = verdict.reason ?? 'fails';
    return verdict.outcome !== 'failed';
  };
  // As often as the families say, and not small values more often.
  const settings = { seed, numRuns: count, unbiased: true };
  const found = await fc.check(fc.asyncProperty(drawnBy(family.generate), isRight), settings);
  const input = found.counterexample?.[0];
  if (input === undefined) return tally;
  if (reason === undefined) throw found.errorInstance;
  const text = Buffer.from(input).toString(family.isText === true ? 'utf8' : 'base64');
  return { ...tally, failure: { reason, input: text } };
}
