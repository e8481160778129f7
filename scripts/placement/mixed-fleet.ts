import { type IntegerProgram, ProgramBuilder, type SolveProgram } from '../../src/plan/integer-program.js';

/** What a GPU completes of each model when it is used in one way, 1/s. */
export type GpuUse = readonly number[];

/**
 * The fewest GPUs that complete `neededPerS` of each model, each used in one of the ways given:
 * whole GPUs, or parts of them for a fleet so large that rounding does not matter.
 */
export function gpusFor(
  neededPerS: readonly number[],
  uses: readonly GpuUse[],
  solve: SolveProgram,
  { whole }: { readonly whole: boolean },
): number {
  const builder = new ProgramBuilder();
  const variables = uses.map(() => builder.count(1));
  for (const [model, perS] of neededPerS.entries()) {
    if (perS === 0) continue;
    // In shares of the need, so that rows are of one size.
    const terms = uses.flatMap((use, i) =>
      use[model]! > 0 ? [{ variable: variables[i]!, coefficient: use[model]! / perS }] : [],
    );
    builder.atLeast(1, terms);
  }
  const program = builder.build();
  const { objective } = solve(whole ? program : relaxed(program), { timeLimitS: 60 });
  return whole ? Math.round(objective) : objective;
}

/** The same program with every variable real: its optimum is a bound on the whole-number one. */
function relaxed(program: IntegerProgram): IntegerProgram {
  return {
    ...program,
    variables: program.variables.map((variable) => ({ ...variable, isInteger: false })),
  };
}
