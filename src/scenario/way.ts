import type { ServedModel, Server, Way } from './scenario.js';

/** The way that requests for a model of a server take. */
export function wayOf({ network }: Pick<Server, 'network'>, { way = network }: ServedModel): Way {
  return way;
}
