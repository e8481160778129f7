/** By model, how often each other model executes for one request to it, whoever calls it. */
export type Reached = ReadonlyMap<string, ReadonlyMap<string, number>>;

/** Calls that a model makes itself: those that the models make that it calls are taken off. */
export function directCalls(model: string, reached: Reached): Map<string, number> {
  const direct = new Map(reached.get(model));
  const furthestFirst = [...direct.keys()].sort((a, b) => sizeOf(reached, b) - sizeOf(reached, a));
  for (const called of furthestFirst) {
    const times = direct.get(called)!;
    for (const [further, perCall] of reached.get(called) ?? [])
      direct.set(further, (direct.get(further) ?? 0) - times * perCall);
  }
  return new Map([...direct].filter(([, times]) => times > 0));
}

function sizeOf(reached: Reached, model: string): number {
  return reached.get(model)?.size ?? 0;
}
