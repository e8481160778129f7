import fc, { type GeneratorValue } from 'fast-check';

/** What inputs are drawn with. Every choice is fast-check's, which looks for fewer and smaller ones when an input fails. */
export interface Random {
  /** From 0 on, below 1. */
  readonly next: () => number;
  /** A whole number from 0 on, below `below`. */
  readonly nextInt: (below: number) => number;
  /** What fast-check itself can make. */
  readonly draw: <T>(arbitrary: fc.Arbitrary<T>) => T;
}

/** Inputs of a family, drawn from choices alone. */
export function drawnBy<T>(generate: (random: Random) => T): fc.Arbitrary<T> {
  return fc.gen().map((choose) => generate(randomOf(choose)));
}

/** Its doubles are all that there are, most of them tiny: shares are drawn as whole numbers of this. */
const PARTS = 2 ** 30;

function randomOf(choose: GeneratorValue): Random {
  return {
    next: () => choose(fc.nat, PARTS - 1) / PARTS,
    nextInt: (below) => (below <= 1 ? 0 : choose(fc.nat, below - 1)),
    draw: (arbitrary) => choose(itself<typeof arbitrary>, arbitrary),
  };
}

/** fast-check tells choices apart by the function that makes them. */
function itself<T>(arbitrary: T): T {
  return arbitrary;
}

/** One of the list, each as likely. The list is not empty. */
export function pick<T>(random: Random, list: readonly T[]): T {
  return list[random.nextInt(list.length)] as T;
}

/** True with the given probability. */
export function chance(random: Random, probability: number): boolean {
  return random.next() < probability;
}

/** A whole number from `from` to `to`, both included. */
export function between(random: Random, from: number, to: number): number {
  return from + random.nextInt(to - from + 1);
}

/** `count` things made one after the other. */
export function repeat<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

/** Something to draw, and how often compared with the others. */
export type Weighted<T> = readonly [weight: number, value: T];

/** One of the list, in proportion to the weights. */
export function pickWeighted<T>(random: Random, list: readonly Weighted<T>[]): T {
  const total = list.reduce((sum, [weight]) => sum + weight, 0);
  let left = random.next() * total;
  for (const [weight, value] of list) {
    left -= weight;
    if (left < 0) return value;
  }
  return (list.at(-1) as Weighted<T>)[1];
}

/** Words of a language that hold no blank, and others that do. */
export function words(text: string, ...others: readonly string[]): readonly string[] {
  return [...text.split(' '), ...others];
}
