/** One step of a fit: what it reads of the facts found so far, what it adds or renews, and how. */
export interface Stage<Facts> {
  readonly name: string;
  readonly needs: readonly (keyof Facts)[];
  readonly gives: readonly (keyof Facts)[];
  readonly run: (facts: Facts) => Partial<Facts>;
}

/** Renews facts by what follows from them, until nothing changes. */
export interface Repeat<Facts> {
  readonly name: string;
  /** Renews some facts by comparing what follows from them with what was measured. */
  readonly refine: Stage<Facts>;
  /** Done again with what was refined. */
  readonly again: readonly Stage<Facts>[];
  /** Whether what was refined is as before. */
  readonly until: (before: Facts, after: Facts) => boolean;
  /** Rounds after which it ends anyway. */
  readonly most: number;
}

export type Step<Facts> = Stage<Facts> | Repeat<Facts>;

/** Makes stages that can read no more than they say they need, and must give what they say they give. */
export function stagesOf<Facts>() {
  return <const Needs extends keyof Facts, const Gives extends keyof Facts>(each: {
    readonly name: string;
    readonly needs: readonly Needs[];
    readonly gives: readonly Gives[];
    readonly run: (facts: Pick<Facts, Needs>) => Pick<Facts, Gives>;
  }): Stage<Facts> => each as unknown as Stage<Facts>;
}

/** Runs the steps from the first to the last; each sees what those before it gave. */
export function runSteps<Facts>(steps: readonly Step<Facts>[], given: Partial<Facts>): Facts {
  return steps.reduce<Facts>(
    (facts, step) => ('refine' in step ? repeated(step, facts) : run(step, facts)),
    given as Facts,
  );
}

function repeated<Facts>({ refine, again, until, most }: Repeat<Facts>, facts: Facts): Facts {
  let now = facts;
  for (let round = 0; round < most; round++) {
    const refined = run(refine, now);
    if (until(now, refined)) return now;
    now = again.reduce((all, stage) => run(stage, all), refined);
  }
  return now;
}

function run<Facts>(stage: Stage<Facts>, facts: Facts): Facts {
  return { ...facts, ...stage.run(facts) };
}
