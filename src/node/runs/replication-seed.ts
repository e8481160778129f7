/** The seed of a replication by its number from 1: the first has the scenario's own, so that more of them never change it. */
export function replicationSeed(seed: number | string, number: number): number | string {
  return number === 1 ? seed : `${seed}/${number}`;
}
