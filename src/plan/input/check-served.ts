import type { Path } from '../../base/path.js';
import { problemsOf } from '../../base/problem.js';
import type { Findings } from '../../scenario/check/findings.js';
import { madeScenario } from '../made-scenario.js';
import { fitsMemory } from '../memory.js';
import type { Slot } from '../placement.js';
import type { PlanProblem } from '../problem-setting.js';
import type { PlainScenario } from '../scenario-of.js';
import { optionsThatHold } from '../screen.js';

/** Whether each workload can be simulated where it is served: what a scenario finds wrong with its models is told at their place in the plan. */
export function checkServed(problem: PlanProblem, findings: Findings): void {
  for (const w of problem.workloads.keys()) {
    const slot = slotFor(problem, w);
    if (slot !== undefined) checkOn(problem, slot, findings);
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

function checkOn(problem: PlanProblem, slot: Slot, findings: Findings): void {
  const { spec, days } = problem;
  /** Where the plan says what stands there in the scenario. */
  const placeOf = ([list, index, key, at, ...rest]: Path, plain: PlainScenario): Path => {
    const [server] = plain['servers'] as { models: { name: string }[] }[];
    const tenants = plain['tenants'] as { name: string }[];
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
    madeScenario(problem, [{ slot, name: 'device', share: 1 }], {
      traceOf: (t) => days[0]!.traces[t]!,
      positionOf: (path, plain) => findings.positionOf(placeOf(path, plain)),
    });
  } catch (error) {
    for (const found of problemsOf(error)) findings.list.add(found);
  }
}
