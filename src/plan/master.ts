import {
  type IntegerProgram,
  ProgramBuilder,
  type SolveLimits,
  type SolveProgram,
  type Term,
} from './integer-program.js';
import type { Piece, PlacedGpu, Placement, Slot } from './placement.js';
import type { PlanProblem } from './problem-setting.js';

/** The cheapest placement made of given slots. */
export interface MasterSolution {
  readonly placement?: Placement;
  readonly objective: number;
  /** No placement made of these slots costs less. */
  readonly bound: number;
  readonly isOptimal: boolean;
}

/** What is minimised: dollars per hour or GPUs; the other breaks ties. */
export function machineCost(problem: PlanProblem, kind: number): number {
  const { machine, gpus } = problem.machines[kind]!;
  return problem.spec.goal === 'cost' ? machine.usdPerHour + gpus * TIE : gpus + machine.usdPerHour * TIE;
}

/** Small enough never to outweigh a cent or a GPU. */
const TIE = 1e-6;

/**
 * Chooses how many of each slot to make, how many GPUs have each MIG layout, how many machines of each
 * kind there are, and with how many replicas each model is served (a pattern or column formulation:
 * equal devices are only counted, so that nothing symmetric is searched).
 */
export function solveMaster(
  problem: PlanProblem,
  columns: readonly Slot[],
  solve: SolveProgram,
  limits: SolveLimits,
): MasterSolution {
  const master = buildMaster(problem, columns);
  const { status, objective, bound, values } = solve(master.program, limits);
  if (values.length === 0) return { objective: Infinity, bound, isOptimal: false };
  const counts = values.map(Math.round);
  return {
    placement: placementFrom(problem, columns, master, counts),
    objective,
    bound,
    isOptimal: status === 'optimal',
  };
}

/** The placement of slots on whole GPUs, each slot on one of its own. */
export function placementOf(problem: PlanProblem, slots: readonly Slot[]): Placement {
  return {
    machines: problem.machines.flatMap((kind, k) => {
      const gpus = withoutSurplus(slots)
        .filter((slot) => kind.wholeSlots.includes(slot.kind))
        .map((slot) => ({ machineKind: k, slots: [slot] }));
      return intoMachines(gpus, kind.gpus).map((gpusOfMachine) => ({ kind: k, gpus: gpusOfMachine }));
    }),
  };
}

interface Master {
  readonly program: IntegerProgram;
  /** Variable of each column. */
  readonly columnVariables: readonly number[];
  /** By machine kind: the variable of each of its layouts. */
  readonly layoutVariables: readonly (readonly number[])[];
}

function buildMaster(problem: PlanProblem, columns: readonly Slot[]): Master {
  const builder = new ProgramBuilder();
  const machineVariables = problem.machines.map((kind, k) =>
    builder.count(machineCost(problem, k), kind.limit),
  );
  const columnVariables = columns.map(() => builder.count(0));
  const layoutVariables = problem.machines.map(({ layouts }) => layouts.map(() => builder.count(0)));
  coverDemands(builder, problem, columns, columnVariables);
  for (const [k, kind] of problem.machines.entries()) {
    const gpuTerms: Term[] = [
      ...termsWhere(columns, columnVariables, (slot) => kind.wholeSlots.includes(slot.kind)),
      ...layoutVariables[k]!.map((variable) => ({ variable, coefficient: 1 })),
    ].map(({ variable }) => ({ variable, coefficient: -1 }));
    builder.atLeast(0, [{ variable: machineVariables[k]!, coefficient: kind.gpus }, ...gpuTerms]);
    for (const slice of new Set(kind.layouts.flat())) {
      const supply = kind.layouts.map((layout, l) => ({
        variable: layoutVariables[k]![l]!,
        coefficient: layout.filter((one) => one === slice).length,
      }));
      const use = termsWhere(columns, columnVariables, (slot) => slot.kind === slice);
      builder.atLeast(0, [
        ...supply.filter(({ coefficient }) => coefficient > 0),
        ...use.map(({ variable }) => ({ variable, coefficient: -1 })),
      ]);
    }
  }
  return { program: builder.build(), columnVariables, layoutVariables };
}

/** Each model has one number of replicas, and that many slots that serve its part. */
function coverDemands(
  builder: ProgramBuilder,
  problem: PlanProblem,
  columns: readonly Slot[],
  columnVariables: readonly number[],
): void {
  const columnsOf = new Map<string, number[]>();
  for (const [c, { pieces }] of columns.entries()) {
    for (const { demand, replicas } of pieces) {
      const key = `${demand}/${replicas}`;
      const known = columnsOf.get(key);
      if (known === undefined) columnsOf.set(key, [c]);
      else known.push(c);
    }
  }
  const choices = problem.demands.map((): number[] => []);
  for (const [key, users] of columnsOf) {
    const [demand, replicas] = key.split('/').map(Number) as [number, number];
    const chosen = builder.count(0, 1);
    choices[demand]!.push(chosen);
    builder.atLeast(0, [
      ...users.map((c) => ({ variable: columnVariables[c]!, coefficient: 1 })),
      { variable: chosen, coefficient: -replicas },
    ]);
  }
  for (const chosen of choices) {
    builder.atLeast(
      1,
      chosen.map((variable) => ({ variable, coefficient: 1 })),
    );
  }
}

function termsWhere(
  columns: readonly Slot[],
  variables: readonly number[],
  accepts: (slot: Slot) => boolean,
): Term[] {
  return columns.flatMap((slot, c) => (accepts(slot) ? [{ variable: variables[c]!, coefficient: 1 }] : []));
}

/** Puts the slots on GPUs and the GPUs into machines; what covers a model more often than needed is left out. */
function placementFrom(
  problem: PlanProblem,
  columns: readonly Slot[],
  { columnVariables, layoutVariables }: Master,
  counts: readonly number[],
): Placement {
  const chosen = columns.flatMap((slot, c) =>
    Array.from({ length: counts[columnVariables[c]!]! }, () => slot),
  );
  const slots = withoutSurplus(chosen);
  return {
    machines: problem.machines.flatMap((kind, k) => {
      const whole = slots.filter((slot) => kind.wholeSlots.includes(slot.kind));
      const layouts = kind.layouts.flatMap((layout, l) =>
        Array.from({ length: counts[layoutVariables[k]![l]!]! }, () => layout),
      );
      const sliced = fillLayouts(
        layouts,
        slots.filter((slot) => problem.slotKinds[slot.kind]!.machine === k && !whole.includes(slot)),
      );
      const gpus: PlacedGpu[] = [
        ...whole.map((slot) => ({ machineKind: k, slots: [slot] })),
        ...sliced.map((slotsOfGpu) => ({ machineKind: k, slots: slotsOfGpu })),
      ];
      return intoMachines(gpus, kind.gpus).map((gpusOfMachine) => ({ kind: k, gpus: gpusOfMachine }));
    }),
  };
}

/**
 * Keeps one number of replicas for each model (the smallest that is there in full) and no more pieces
 * than that.
 */
export function withoutSurplus(slots: readonly Slot[]): Slot[] {
  const found = new Map<string, number>();
  for (const { demand, replicas } of slots.flatMap(({ pieces }) => pieces)) {
    found.set(`${demand}/${replicas}`, (found.get(`${demand}/${replicas}`) ?? 0) + 1);
  }
  const wanted = new Map<number, number>();
  for (const [key, count] of found) {
    const [demand, replicas] = key.split('/').map(Number) as [number, number];
    if (count >= replicas && replicas < (wanted.get(demand) ?? Infinity)) wanted.set(demand, replicas);
  }
  const left = new Map(wanted);
  const keep = ({ demand, replicas }: Piece) => {
    if (wanted.get(demand) !== replicas || left.get(demand) === 0) return false;
    left.set(demand, left.get(demand)! - 1);
    return true;
  };
  return slots
    .map((slot) => ({ ...slot, pieces: slot.pieces.filter(keep) }))
    .filter(({ pieces }) => pieces.length > 0);
}

/** Deals the slots to slices of their kind, replicas of a model to different GPUs as far as that goes. */
function fillLayouts(layouts: readonly (readonly number[])[], slots: readonly Slot[]): Slot[][] {
  const gpus = layouts.map((layout) => ({ free: [...layout], slots: [] as Slot[] }));
  for (const slot of slots) {
    const open = gpus.filter(({ free }) => free.includes(slot.kind));
    const serves = (gpu: { slots: readonly Slot[] }) =>
      gpu.slots.some(({ pieces }) =>
        pieces.some(({ demand }) => slot.pieces.some((p) => p.demand === demand)),
      );
    const gpu = open.find((one) => !serves(one)) ?? open[0]!;
    gpu.free.splice(gpu.free.indexOf(slot.kind), 1);
    gpu.slots.push(slot);
  }
  return gpus.map((gpu) => gpu.slots).filter((used) => used.length > 0);
}

/** Dealt in turn, so that equal GPUs, which stand side by side, come into different machines. */
function intoMachines(gpus: readonly PlacedGpu[], size: number): PlacedGpu[][] {
  const machines = Array.from({ length: Math.ceil(gpus.length / size) }, (): PlacedGpu[] => []);
  for (const [i, gpu] of gpus.entries()) machines[i % machines.length]!.push(gpu);
  return machines;
}

/** What the machines of a placement cost, in dollars per hour. */
export function usdPerHourOf(problem: PlanProblem, placement: Placement): number {
  return placement.machines.reduce((sum, { kind }) => sum + problem.machines[kind]!.machine.usdPerHour, 0);
}
