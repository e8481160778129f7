import { leastDeviceTime } from './device-time.js';
import { ProgramBuilder, type SolveLimits, type SolveProgram } from './integer-program.js';
import { machineCost } from './master.js';
import type { PlanProblem } from './problem-setting.js';
import { leastReplicas } from './replicas.js';
import { deviceShare, frontEndTime } from './screen.js';

/** Lower bounds of the goal (dollars per hour, or GPUs). */
export interface PlanBounds {
  /** No placement costs less, whatever its schedule: device time alone, in the best batches there can be. */
  readonly deviceTime: number;
  /** No placement costs less under the screen's shares of device time. */
  readonly screen: number;
  /** By demand: the slot kind that serves most of it in the cheapest mix under the screen. */
  readonly screenKinds: readonly number[];
}

/**
 * Both bounds from an integer program that knows how many machines of each kind there are, and of each
 * model which part is served on each kind of slot, but not on which device: what a packing could
 * reach if models could be divided at will.
 */
export function planBounds(problem: PlanProblem, solve: SolveProgram, limits: SolveLimits): PlanBounds {
  const screen = solveBound(problem, screenedTimes(problem), solve, limits);
  return {
    deviceTime: solveBound(problem, leastTimes(problem), solve, limits).bound,
    screen: screen.bound,
    screenKinds: screen.kinds,
  };
}

/** Device time of a model on a kind of slot, in seconds per second; Infinity where it cannot be served. */
type TimeTable = readonly (readonly number[])[];

function leastTimes(problem: PlanProblem): TimeTable {
  const { spec, demands, days, options } = problem;
  const maxBatchSize = Math.max(...options.map((option) => option.maxBatchSize));
  return demands.map(({ profiles, tenants, limitMs, percentile }) =>
    profiles.map((profile) => {
      if (profile === undefined) return Infinity;
      // A placement must do for every day: the busiest decides.
      const times = days.map(({ traces }) =>
        leastDeviceTime(profile, {
          traces: tenants.map((t) => traces[t]!),
          durationS: spec.durationS,
          limitMs,
          keptShare: percentile / 100,
          maxBatchSize,
        }),
      );
      return Math.max(...times);
    }),
  );
}

function screenedTimes({ demands, options }: PlanProblem): TimeTable {
  return demands.map(({ profiles, ratePerS, limitMs }) =>
    profiles.map((profile) =>
      profile === undefined
        ? Infinity
        : Math.min(...options.map((option) => deviceShare(profile, ratePerS, limitMs, option))),
    ),
  );
}

function solveBound(
  problem: PlanProblem,
  times: TimeTable,
  solve: SolveProgram,
  limits: SolveLimits,
): { readonly bound: number; readonly kinds: readonly number[] } {
  const builder = new ProgramBuilder();
  const { machines, slotKinds } = problem;
  const machineVariables = machines.map((_, k) => builder.count(machineCost(problem, k)));
  const slotVariables = slotKinds.map((kind) =>
    kind.slice === undefined ? builder.amount(0) : builder.count(0),
  );
  const parts = times.map((row) =>
    row.map((time) => (Number.isFinite(time) ? builder.amount(0, 1) : undefined)),
  );
  for (const row of parts) {
    const terms = row.filter((part) => part !== undefined).map((variable) => ({ variable, coefficient: 1 }));
    builder.atLeast(1, terms);
  }
  for (const [s, kind] of slotKinds.entries()) {
    const use = times.flatMap((row, d) => {
      const part = parts[d]![s];
      return part === undefined || row[s] === 0 ? [] : [{ demand: d, variable: part, coefficient: -row[s]! }];
    });
    const rate = paceOf(problem, s);
    limitFrontEnd(builder, problem, s, { slots: slotVariables[s]!, parts: parts.map((row) => row[s]) });
    if (kind.mostModels > 1) {
      builder.atLeast(0, [{ variable: slotVariables[s]!, coefficient: rate }, ...use.map(withoutDemand)]);
      continue;
    }
    // Slots of one model each: the models' slots are counted apart.
    const counts = use.map(({ variable, coefficient }) => {
      const slots = builder.count(0);
      builder.atLeast(0, [
        { variable: slots, coefficient: rate },
        { variable, coefficient },
      ]);
      return { variable: slots, coefficient: -1 };
    });
    builder.atLeast(0, [{ variable: slotVariables[s]!, coefficient: 1 }, ...counts]);
  }
  // What serves after a loss is not on the device that was lost.
  const { survive } = problem.spec;
  builder.atLeast(
    leastReplicas(survive),
    machineVariables.map((variable, k) => ({
      variable,
      coefficient: survive === 'machine' ? 1 : machines[k]!.gpus,
    })),
  );
  for (const [k, kind] of machines.entries()) {
    const layouts = kind.layouts.map(() => builder.count(0));
    builder.atLeast(0, [
      { variable: machineVariables[k]!, coefficient: kind.gpus },
      ...kind.wholeSlots.map((s) => ({ variable: slotVariables[s]!, coefficient: -1 })),
      ...layouts.map((variable) => ({ variable, coefficient: -1 })),
    ]);
    for (const slice of new Set(kind.layouts.flat())) {
      builder.atLeast(0, [
        ...kind.layouts.flatMap((layout, l) => {
          const coefficient = layout.filter((one) => one === slice).length;
          return coefficient === 0 ? [] : [{ variable: layouts[l]!, coefficient }];
        }),
        { variable: slotVariables[slice]!, coefficient: -1 },
      ]);
    }
  }
  const { bound, values } = solve(builder.build(), limits);
  const kinds = parts.map((row) => {
    const shares = row.map((part) => (part === undefined ? -1 : (values[part] ?? 0)));
    return shares.indexOf(Math.max(...shares));
  });
  return { bound: Math.max(0, bound), kinds };
}

/** Every request passes the front end of one of the servers, of which each slot has one. */
function limitFrontEnd(
  builder: ProgramBuilder,
  { machines, slotKinds, demands }: PlanProblem,
  s: number,
  { slots, parts }: { readonly slots: number; readonly parts: readonly (number | undefined)[] },
): void {
  const use = demands.flatMap(({ profiles, requestsPerS, requestBytes, percentile }, d) => {
    const part = parts[d];
    if (part === undefined) return [];
    const time = frontEndTime(profiles[s]!, (requestsPerS * percentile) / 100, requestBytes);
    return time === 0 ? [] : [{ variable: part, coefficient: -time }];
  });
  if (use.length === 0) return;
  const { frontEndThreads } = machines[slotKinds[s]!.machine]!;
  builder.atLeast(0, [{ variable: slots, coefficient: frontEndThreads }, ...use]);
}

function withoutDemand({ variable, coefficient }: { variable: number; coefficient: number }) {
  return { variable, coefficient };
}

/**
 * Seconds of solo executions that a device may complete in a second: more than one where executions
 * that overlap slow each other by less than fair halves.
 */
export function paceOf({ slotKinds, demands, options }: PlanProblem, s: number): number {
  const { mode, mostModels } = slotKinds[s]!;
  const instances = Math.max(...options.map((option) => option.instances));
  if (mode === 'exclusive') return instances;
  if (mode === 'timeSlices' || mode === 'mps') return 1;
  const slowdowns = demands.flatMap(({ profiles }) => {
    const { self, pairs, sensitivity, pressure } = profiles[s]?.interference ?? { pairs: [] };
    const modelled = sensitivity !== undefined && pressure !== undefined ? [1] : [];
    return [...(self === undefined ? [] : [self]), ...pairs.map(({ slowdown }) => slowdown), ...modelled];
  });
  const least = Math.min(2, ...slowdowns);
  const most = instances * (mode === 'mig' ? 1 : Math.min(mostModels, demands.length));
  return Math.max(...[1, most].map((running) => running / (1 + (running - 1) * (least - 1))));
}
