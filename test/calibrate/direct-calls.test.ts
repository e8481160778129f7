import { expect, it } from 'vitest';
import { directCalls } from '../../src/calibrate/composed/direct-calls.js';

type Calls = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** How often each model executes for a request to each other one, where they call each other so. */
function reachedBy(calls: Calls): Map<string, Map<string, number>> {
  const reach = (name: string): Map<string, number> => {
    const found = new Map<string, number>();
    const add = (model: string, times: number) => found.set(model, (found.get(model) ?? 0) + times);
    for (const [called, times] of Object.entries(calls[name] ?? {})) {
      add(called, times);
      for (const [further, perCall] of reach(called)) add(further, times * perCall);
    }
    return found;
  };
  return new Map(Object.keys(calls).map((name) => [name, reach(name)]));
}

it.each<[string, Calls]>([
  ['one that calls another', { a: { b: 1 } }],
  ['a chain of callers', { a: { b: 1 }, b: { c: 2 }, c: { d: 1 } }],
  ['a model called from two places', { a: { b: 1, c: 1 }, b: { c: 3 } }],
  ['a diamond', { a: { b: 2, c: 1 }, b: { d: 1 }, c: { d: 2, e: 1 } }],
])('the calls that a model makes itself are told from those made for it: %s', (_, calls) => {
  const reached = reachedBy(calls);
  for (const [name, own] of Object.entries(calls))
    expect(Object.fromEntries(directCalls(name, reached)), name).toEqual(own);
});
