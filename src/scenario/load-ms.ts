import type { ServedModel } from './scenario.js';

/** How long it takes to load a model, as its profiles say; 0 = unknown. */
export function loadMsOf({ instances }: Pick<ServedModel, 'instances'>): number {
  return Math.max(0, ...instances.map(({ profile }) => profile.load.loadMs));
}
