import type { CandidateFigures } from './figures.js';
import { type Candidate, candidateKey } from './space.js';

/**
 * One simulation that a search asks for. Equal replications of different candidates have the same
 * arrivals and the same random numbers, so that what differs between them is the candidate.
 */
export interface TuneJob {
  readonly candidate: Candidate;
  /** 1, 2, …: which seed. */
  readonly replication: number;
  /** Part of the run that is simulated, above 0 to 1. */
  readonly share: number;
}

/**
 * A search decides and does not simulate: it yields what it wants to know, and is resumed with the
 * figures in the same order. Whoever drives it may simulate in any order and on any number of threads.
 */
export type TuneSearch<Result> = Generator<readonly TuneJob[], Result, readonly CandidateFigures[]>;

export function jobKey({ candidate, replication, share }: TuneJob): string {
  return `${candidateKey(candidate)}#${replication}*${share}`;
}
