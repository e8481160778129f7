import type { ServerSpec } from './spec/server-spec.js';

/** The servers that an entry of a scenario stands for. */
export function replicaNames({ name, replicas }: Pick<ServerSpec, 'name' | 'replicas'>): string[] {
  return replicas === 1 ? [name] : Array.from({ length: replicas }, (_, i) => `${name}-${i + 1}`);
}
