/** Whether this is the slow suite, which tries what takes long (`npm run test:slow`). */
export const IS_SLOW = process.env['PERSEUS_SLOW'] === '1';

/** How many random cases a property is tried on: all in the slow suite, in the quick one at most so many. */
export function cases(all: number, quick: number): number {
  return IS_SLOW ? all : Math.min(all, quick);
}
