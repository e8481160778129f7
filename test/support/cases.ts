/** Whether this is the slow suite, which tries what takes long (`npm run test:slow`). */
export const IS_SLOW = process.env['PERSEUS_SLOW'] === '1';

/** How many random cases of a property are tried: all in the slow suite, a tenth of them in the quick one. */
export function cases(all: number): number {
  return IS_SLOW ? all : Math.ceil(all / 10);
}

/** Of examples that take long: all in the slow suite, the first tenth of them in the quick one. */
export function someOf<T>(all: readonly T[]): readonly T[] {
  return all.slice(0, cases(all.length));
}
