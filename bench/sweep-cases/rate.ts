import type { SweepCase } from './case.js';

/** Requests of each placement whose rate is asked for. */
export const REQUESTS = 100_000;
const LEAST_PER_S = 100;

/** How many placements there are in a quick run and in a whole one. */
export function placementCount(quick: boolean): number {
  return quick ? 50 : 200;
}

export function rateCase(what: string, perS: number): SweepCase {
  return {
    name: `${what}, ${REQUESTS} requests each, one core`,
    value: perS,
    bound: LEAST_PER_S,
    unit: 'placements/s',
  };
}

/** Items done per second. The first draw the arrivals and compile the simulator, which a long search does once: they do not count. */
export function itemsPerS<Item>(
  items: readonly Item[],
  work: (item: Item) => void,
  whenWarm = () => {},
): number {
  const warmUp = Math.ceil(items.length / 10);
  for (const item of items.slice(0, warmUp)) work(item);
  whenWarm();
  const started = performance.now();
  for (const item of items.slice(warmUp)) work(item);
  return (items.length - warmUp) / ((performance.now() - started) / 1000);
}
