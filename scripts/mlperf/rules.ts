import { isTritonHarness, type MlperfRow } from './rows.js';

/**
 * How a server forms batches, as far as the row tells it.
 * - `triton`: Triton's dynamic batcher.
 * - `waiting`: another harness, which waits for a full batch up to a timeout.
 * - `greedy`: another harness, which takes what is there when an execution may start.
 */
export type ServerKind = 'triton' | 'waiting' | 'greedy';

export function serverKind({ harness, settings }: Pick<MlperfRow, 'harness' | 'settings'>): ServerKind {
  if (isTritonHarness(harness)) return 'triton';
  return settings.waitsForBatch ? 'waiting' : 'greedy';
}

/** What SingleStream, MultiStream and Offline do not tell of a server under load; one set for each kind of server. */
export interface Rules {
  /** What each further sample of a batch adds before the execution (gathering its input), microseconds. */
  readonly gatherUs: number;
  /** Share of Offline's throughput that a full batch reaches online. */
  readonly onlineShare: number;
  /** How well executions side by side hide each other's fixed part: 1 / streams to this power is left. */
  readonly hiding: number;
  /** Coefficient of variation of single executions. */
  readonly cv: number;
  /** So many of a hundred executions take {@link LATE_FACTOR} times as long. */
  readonly latePercent: number;
}

/** Of the factors 2, 2.5 and 3 the one that came nearest on all rows in the first try. */
export const LATE_FACTOR = 3;

/** No rule at all: the curve of SingleStream, MultiStream and Offline, and nothing varies. */
export const NO_RULES: Rules = {
  gatherUs: 0,
  onlineShare: 1,
  hiding: 1,
  cv: 0,
  latePercent: 0,
};

/**
 * Among these a fit chooses: one number for each kind of server. More choices predicted rows that were left out worse: with 16
 * for a waiting server the worst median was off by 106 %, with these two by 55 %.
 */
export const CANDIDATES: Readonly<Record<ServerKind, readonly Rules[]>> = {
  triton: combine({ onlineShare: [1, 0.98, 0.96], cv: [0.1], latePercent: [1] }),
  waiting: combine({ gatherUs: [4], hiding: [0.5], cv: [0.1, 0.15] }),
  greedy: combine({ onlineShare: [1, 0.96, 0.92], cv: [0.1] }),
};

type Choices = { readonly [K in keyof Rules]?: readonly number[] };

/** Every combination of some rules, all others being as without rules. */
function combine(choices: Choices): readonly Rules[] {
  let all: Rules[] = [NO_RULES];
  for (const [name, values] of Object.entries(choices))
    all = all.flatMap((rules) => values.map((value) => ({ ...rules, [name]: value })));
  return all;
}
