import type { Random } from '../../src/base/random.js';

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
