import highsModule, { type Highs, type Model } from 'highs';
import type {
  IntegerProgram,
  ProgramSolution,
  SolveLimits,
  SolveProgram,
} from '../../plan/integer-program.js';

// Its types describe a CommonJS module; what Node imports is the ES module, whose default is the loader.
const loadHighs = highsModule as unknown as typeof highsModule.default;

/** Loads HiGHS (WebAssembly, about 0.1 s). The solver it gives is synchronous. */
export async function loadSolver(): Promise<SolveProgram> {
  const highs = await loadHighs();
  return (program, limits) =>
    program.variables.length === 0 ? solveEmpty(program) : solveProgram(highs, program, limits);
}

function solveProgram(highs: Highs, program: IntegerProgram, limits: SolveLimits): ProgramSolution {
  const model = highs.createModel(modelData(highs, program));
  try {
    return run(highs, model, limits);
  } finally {
    model.dispose();
  }
}

/** Without variables every row's sum is 0. */
function solveEmpty({ rows }: IntegerProgram): ProgramSolution {
  const holds = rows.every(({ lower }) => lower <= 0);
  return holds
    ? { status: 'optimal', objective: 0, bound: 0, values: [] }
    : { status: 'infeasible', objective: Infinity, bound: Infinity, values: [] };
}

function modelData(highs: Highs, { variables, rows }: IntegerProgram) {
  const terms = rows.flatMap((row) => row.terms);
  const starts = [0];
  for (const row of rows) starts.push(starts.at(-1)! + row.terms.length);
  const { integer, continuous } = highs.constants.variableType;
  return {
    numCols: variables.length,
    numRows: rows.length,
    colCost: variables.map(({ cost }) => cost),
    colLower: variables.map(() => 0),
    colUpper: variables.map(({ upper }) => Math.min(upper, highs.infinity)),
    integrality: variables.map(({ isInteger }) => (isInteger ? integer : continuous)),
    rowLower: rows.map(({ lower }) => lower),
    rowUpper: rows.map(() => highs.infinity),
    matrix: {
      format: 'csr' as const,
      numRows: rows.length,
      numCols: variables.length,
      starts,
      indices: terms.map(({ variable }) => variable),
      values: terms.map(({ coefficient }) => coefficient),
    },
  };
}

function run(highs: Highs, model: Model, limits: SolveLimits): ProgramSolution {
  const { timeLimitS, mostNodes = Infinity, relativeGap = 0 } = limits;
  model.options.set({
    output_flag: false,
    time_limit: Number.isFinite(timeLimitS) ? Math.max(0.01, timeLimitS) : highs.infinity,
    ...(Number.isFinite(mostNodes) && { mip_max_nodes: mostNodes }),
    mip_rel_gap: relativeGap,
    random_seed: 1,
  });
  model.run();
  const status = model.getModelStatus();
  if (status === highs.constants.modelStatus.infeasible) {
    return { status: 'infeasible', objective: Infinity, bound: Infinity, values: [] };
  }
  const isOptimal = status === highs.constants.modelStatus.optimal;
  const hasValues = isOptimal || Number(model.info.get('primal_solution_status')) === FEASIBLE;
  const objective = hasValues ? model.getObjectiveValue() : Infinity;
  const isMip = Number(model.info.get('mip_node_count')) >= 0;
  const bound = isMip ? Number(model.info.get('mip_dual_bound')) : isOptimal ? objective : -Infinity;
  return {
    status: isOptimal ? 'optimal' : hasValues ? 'feasible' : 'unknown',
    objective,
    bound,
    values: hasValues ? Array.from(model.getSolution().colValue) : [],
  };
}

/** HiGHS's code of a solution that keeps every row. */
const FEASIBLE = 2;
