import type { PlanProblem } from './problem-setting.js';

/** Instances of one model on a slot at most. */
export function mostInstances({ options }: Pick<PlanProblem, 'options'>): number {
  return Math.max(...options.map((option) => option.instances));
}

/**
 * Seconds of solo inference that a device may complete in a second: more than one where executions that
 * overlap slow each other by less than fair halves.
 */
export function paceOf({ slotKinds, demands, options }: PlanProblem, s: number): number {
  const { mode, mostModels } = slotKinds[s]!;
  const instances = mostInstances({ options });
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
