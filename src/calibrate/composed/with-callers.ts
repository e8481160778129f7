import type { ModelConfig } from '../../scenario/model-config.js';

export interface Caller {
  readonly config: ModelConfig;
  readonly calls: ReadonlyMap<string, unknown>;
}

/**
 * Models by name, with all that reach one of them by their calls.
 * @param callers each after those of them that it calls
 */
export function withCallers(names: Iterable<string>, callers: readonly Caller[]): ReadonlySet<string> {
  const reaching = new Set(names);
  for (const { config, calls } of callers)
    if ([...calls.keys()].some((called) => reaching.has(called))) reaching.add(config.name);
  return reaching;
}
