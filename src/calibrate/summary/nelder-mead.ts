/** A point of the search and the value of the function there. */
export interface Vertex {
  readonly at: readonly number[];
  readonly value: number;
}

export interface NelderMeadOptions {
  /** How far from the start the other corners of the first simplex lie, in every direction. */
  readonly step: number;
  readonly maxIterations: number;
  /** The search ends when the values at all corners are this close. */
  readonly tolerance: number;
}

/**
 * The lowest point that the downhill simplex method finds from `start` (Nelder and Mead, "A simplex method
 * for function minimization", The Computer Journal 7, 1965), with its usual coefficients 1, 2, 1/2, 1/2. It
 * needs no derivative, which a simulation does not have. Never worse than the start; a value that is not a
 * number counts as the worst.
 */
export function nelderMead(
  f: (at: readonly number[]) => number,
  start: readonly number[],
  { step, maxIterations, tolerance }: NelderMeadOptions,
): Vertex {
  const evaluate = (at: readonly number[]): Vertex => {
    const value = f(at);
    return { at, value: Number.isNaN(value) ? Infinity : value };
  };
  const corners = [start, ...start.map((_, axis) => start.map((x, i) => (i === axis ? x + step : x)))];
  let simplex = sorted(corners.map(evaluate));
  for (let i = 0; i < maxIterations && start.length > 0; i++) {
    if (simplex[simplex.length - 1]!.value - simplex[0]!.value <= tolerance) break;
    simplex = sorted(nextSimplex(simplex, evaluate));
  }
  return simplex[0]!;
}

/** Replaces the worst corner, or draws all corners towards the best. */
function nextSimplex(
  simplex: readonly Vertex[],
  evaluate: (at: readonly number[]) => Vertex,
): readonly Vertex[] {
  const best = simplex[0]!;
  const worst = simplex[simplex.length - 1]!;
  const others = simplex.slice(0, -1);
  const centre = best.at.map((_, i) => others.reduce((sum, { at }) => sum + at[i]!, 0) / others.length);
  const towards = (factor: number) => evaluate(centre.map((x, i) => x + factor * (x - worst.at[i]!)));
  const reflected = towards(1);
  if (reflected.value < best.value) {
    const expanded = towards(2);
    return [...others, expanded.value < reflected.value ? expanded : reflected];
  }
  if (reflected.value < others[others.length - 1]!.value) return [...others, reflected];
  const contracted = towards(reflected.value < worst.value ? 0.5 : -0.5);
  if (contracted.value < Math.min(reflected.value, worst.value)) return [...others, contracted];
  return simplex.map((vertex) =>
    vertex === best ? best : evaluate(vertex.at.map((x, i) => best.at[i]! + 0.5 * (x - best.at[i]!))),
  );
}

function sorted(simplex: readonly Vertex[]): readonly Vertex[] {
  return [...simplex].sort((a, b) => a.value - b.value);
}
