/** One figure of the bench, beside what it must reach. */
export interface SweepCase {
  readonly name: string;
  readonly value: number;
  readonly bound: number;
  readonly unit: string;
}

interface BenchOptions {
  /** Fewer and smaller scenarios: to see that it works, not what it reaches. */
  readonly quick: boolean;
  /** For people, on stderr. */
  readonly say: (text: string) => void;
}

export type SweepBench = (options: BenchOptions) => Promise<readonly SweepCase[]>;
