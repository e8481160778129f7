import { RandomStreams } from '../../src/base/random.js';
import type { Family } from './family.js';
import { judge } from './verdict.js';

/** Some inputs of one family, by their numbers. */
export interface Stretch {
  readonly family: string;
  readonly seed: string;
  readonly from: number;
  /** First number after the last. */
  readonly to: number;
}

/** What became of a stretch of inputs. */
export interface Tally {
  readonly inputs: number;
  readonly accepted: number;
  readonly refused: number;
  readonly failures: readonly Failure[];
  readonly totalMs: number;
  readonly slowestMs: number;
  /** Number of the slowest input. */
  readonly slowest: number;
}

export interface Failure {
  readonly index: number;
  readonly reason: string;
}

export const NOTHING: Tally = {
  inputs: 0,
  accepted: 0,
  refused: 0,
  failures: [],
  totalMs: 0,
  slowestMs: 0,
  slowest: -1,
};

/** The input of that number: depends on nothing but the family, the seed and the number. */
export async function inputOf(family: Family, seed: string, index: number): Promise<Uint8Array> {
  return family.generate(new RandomStreams(seed).get(`${family.name}/${index}`));
}

/** Makes and judges the inputs of a stretch one after the other; `onInput` is told each number before. */
export async function runStretch(
  family: Family,
  { seed, from, to }: Stretch,
  onInput: (index: number) => void = () => {},
): Promise<Tally> {
  let tally = NOTHING;
  for (let index = from; index < to; index++) {
    onInput(index);
    const verdict = await judge(family, await inputOf(family, seed, index));
    tally = addTallies(tally, {
      inputs: 1,
      accepted: Number(verdict.outcome === 'accepted'),
      refused: Number(verdict.outcome === 'refused'),
      failures: verdict.outcome === 'failed' ? [{ index, reason: verdict.reason ?? 'fails' }] : [],
      totalMs: verdict.ms,
      slowestMs: verdict.ms,
      slowest: index,
    });
  }
  return tally;
}

export function addTallies(a: Tally, b: Tally): Tally {
  const slower = b.slowestMs > a.slowestMs ? b : a;
  return {
    inputs: a.inputs + b.inputs,
    accepted: a.accepted + b.accepted,
    refused: a.refused + b.refused,
    failures: b.failures.length === 0 ? a.failures : [...a.failures, ...b.failures],
    totalMs: a.totalMs + b.totalMs,
    slowestMs: slower.slowestMs,
    slowest: slower.slowest,
  };
}
