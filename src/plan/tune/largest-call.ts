import type { ModelCall } from '../../scenario/composition.js';
import type { Scenario, ServedModel, Tenant } from '../../scenario/scenario.js';
import type { ServedRef } from '../../simulator/partition.js';

/** Most inferences that one call of a model has, by clients or by other models: no smaller batch can take it. At least 1. */
export function largestCall(scenario: Scenario, place: ServedRef): number {
  const { server, model } = place;
  const asked = scenario.tenants
    .filter(({ targets }) => targets.some((target) => target.server === server && target.model === model))
    .map(largestRequest);
  const called = scenario.servers[server]!.models.flatMap((caller, index) => {
    const { config, ensemble } = caller;
    const steps = ensemble?.steps.some((step) => step.model === model) === true ? [config.maxBatchSize] : [];
    const calls = callsOf(caller).filter((call) => call.model === model);
    return [
      ...steps,
      ...calls.map((call) => sizeOf(call, config, () => largestCall(scenario, { server, model: index }))),
    ];
  });
  return Math.max(1, ...asked, ...called);
}

function sizeOf(
  { per, inferences }: ModelCall,
  { maxBatchSize }: ServedModel['config'],
  ofRequest: () => number,
): number {
  return inferences ?? (per === 'batch' ? maxBatchSize : ofRequest());
}

function callsOf({ calls = [] }: ServedModel): readonly ModelCall[] {
  return calls.flatMap((step) => ('calls' in step ? step.calls : []));
}

/** Whether it calls others once for all inferences of a batch, of which they must take as many. */
export function callsForBatches(model: ServedModel): boolean {
  return callsOf(model).some(({ per, inferences }) => per === 'batch' && inferences === undefined);
}

function largestRequest({ batchSize, load }: Tenant): number {
  const sizes = load.mode === 'closed' ? undefined : load.trace.batchSize;
  return Array.from(sizes ?? []).reduce((a, b) => Math.max(a, b), batchSize);
}
