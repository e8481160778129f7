/** One step of a fit: what it adds to the facts found so far, or renews. It reads only what steps before it gave. */
export interface Stage<Facts> {
  readonly name: string;
  readonly run: (facts: Facts) => Partial<Facts>;
}

/** Renews facts by what follows from them, until nothing changes. */
export interface Repeat<Facts> {
  readonly name: string;
  /** Renews some facts by comparing what follows from them with what was measured. */
  readonly refine: (facts: Facts) => Partial<Facts>;
  /** Done again with what was refined. */
  readonly again: readonly Stage<Facts>[];
  /** Whether what was refined is as before. */
  readonly until: (before: Facts, after: Facts) => boolean;
  /** Rounds after which it ends anyway. */
  readonly most: number;
}

export type Step<Facts> = Stage<Facts> | Repeat<Facts>;

/** Runs the steps from the first to the last; each sees what those before it gave. */
export function runSteps<Facts>(steps: readonly Step<Facts>[], given: Partial<Facts>): Facts {
  let facts = given as Facts;
  for (const step of steps)
    facts = 'refine' in step ? repeated(step, facts) : { ...facts, ...step.run(facts) };
  return facts;
}

function repeated<Facts>({ refine, again, until, most }: Repeat<Facts>, facts: Facts): Facts {
  let now = facts;
  for (let round = 0; round < most; round++) {
    const refined = { ...now, ...refine(now) };
    if (until(now, refined)) return now;
    now = runSteps(again, refined);
  }
  return now;
}
