import type { Path } from '../../base/path.js';
import { problemsOf } from '../../base/problem.js';
import type { Findings } from '../../scenario/check/findings.js';
import { resolveScenario } from '../made-scenario.js';
import { fitsMemory } from '../memory.js';
import type { Slot } from '../placement.js';
import { type PlanProblem, partsOf, type Workload } from '../problem-setting.js';
import { slotScenario } from '../scenario-of.js';
import { optionsThatHold } from '../screen.js';

/** Whether each workload can be simulated where it is served: what a scenario finds wrong with its models is told at their place in the plan. */
export function checkServed(problem: PlanProblem, findings: Findings): void {
  for (const [w, workload] of problem.workloads.entries()) {
    const slot = slotFor(problem, w);
    if (slot !== undefined) checkOn(problem, workload, slot, findings);
  }
}

/** A slot that has profiles of all models of a workload and room for them. */
function slotFor(problem: PlanProblem, workload: number): Slot | undefined {
  const served = problem.workloads[workload]!;
  return problem.slotKinds
    .flatMap((_, kind) =>
      served.profiles[kind] === undefined
        ? []
        : optionsThatHold(problem, served).map((option) => ({
            kind,
            modelReplicas: [{ workload, replicas: 1, option }],
          })),
    )
    .find((slot) => fitsMemory(problem, slot));
}

function checkOn(
  { days, ...problem }: PlanProblem,
  workload: Workload,
  slot: Slot,
  findings: Findings,
): void {
  const { spec } = problem;
  const profile = 'profiles';
  const plain = slotScenario({ days, ...problem }, slot, {
    name: spec.name,
    profiles: [profile],
    load: (_, t) => ({ trace: { file: `${t}`, fromS: 0, scaleTime: 1, scaleRate: 1 } }),
  });
  const used = partsOf(workload).flatMap(({ profiles }) => profiles[slot.kind] ?? []);
  const traces = new Map(workload.tenants.map((t) => [`${t}`, { value: days[0]!.traces[t]! }]));
  const [server] = plain['servers'] as { models: { name: string }[] }[];
  const tenants = plain['tenants'] as { name: string }[];
  /** Where the plan says what stands there in the scenario. */
  const placeOf = ([list, index, key, at, ...rest]: Path): Path => {
    const named = (all: readonly { name: string }[] | undefined, name: string | undefined) =>
      all?.findIndex((one) => one.name === name) ?? -1;
    if (list === 'tenants')
      return [
        'tenants',
        named(spec.tenants, tenants[Number(index)]?.name),
        ...[key ?? [], at ?? []].flat(),
        ...rest,
      ];
    const model = named(spec.models, server?.models[Number(at)]?.name);
    return key === 'models' && model >= 0
      ? ['models', model, ...rest]
      : ['machines', problem.slotKinds[slot.kind]!.machine];
  };
  try {
    resolveScenario(plain, used, traces, (path) => findings.positionOf(placeOf(path)));
  } catch (error) {
    for (const found of problemsOf(error)) findings.list.add(found);
  }
}
