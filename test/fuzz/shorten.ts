import { expectedSteps } from '../../src/scenario/check/load-size.js';
import { requestsWithin } from '../../src/scenario/check/sequences.js';
import type { ScenarioResources } from '../../src/scenario/resources.js';
import type { Load, Scenario } from '../../src/scenario/scenario.js';
import type { ScenarioSpec } from '../../src/scenario/spec.js';
import { sliceTrace } from '../../src/trace/transform.js';

/** Longest run of a shortened scenario, in seconds, and most requests of it. */
const SHORT_S = 2;
const MOST_REQUESTS = 20_000;
/** Beyond this the check itself refuses a load, before it draws it. */
const REFUSED_STEPS = 2e8;
const MOST_CLIENTS = 200;
const MOST_INSTANCES = 300;

/** The spec with a run of at most two seconds. */
export function shortened(spec: ScenarioSpec): ScenarioSpec {
  const durationS = Math.min(spec.durationS ?? SHORT_S, SHORT_S);
  return { ...spec, durationS, warmUpS: Math.min(spec.warmUpS, durationS / 4) };
}

/** Whether checking the spec draws few requests: it has few, or it is refused for having far too many. */
export function isCheap(spec: ScenarioSpec, resources: ScenarioResources): boolean {
  const steps = spec.tenants.map(
    ({ load, sequences }) =>
      stepsOf(load, spec.durationS, resources) *
      (sequences === undefined ? 1 : requestsWithin(sequences, (spec.durationS ?? Infinity) * 1e6)),
  );
  const servers = spec.servers.reduce((sum, { replicas }) => sum + replicas, 0);
  const isFew = steps.reduce((sum, count) => sum + count, 0) <= MOST_REQUESTS * 2;
  return servers <= MOST_INSTANCES && (isFew || steps[0]! > REFUSED_STEPS);
}

function stepsOf(
  { process, trace, durationS = Infinity }: ScenarioSpec['tenants'][number]['load'],
  runS: number | undefined,
  { traces }: ScenarioResources,
): number {
  const lengthS = Math.min(durationS, runS ?? durationS);
  if (process !== undefined) return Number.isFinite(lengthS) ? expectedSteps(process, lengthS) : 0;
  return (traces.get(trace?.file ?? '')?.value?.arrivalUs.length ?? 0) * Math.max(1, trace?.scaleRate ?? 1);
}

/** A part of the scenario that is simulated in no time; undefined where even that is large. */
export function shortScenario(scenario: Scenario): Scenario | undefined {
  const instances = scenario.servers.flatMap(({ models }) => models.map((model) => model.instances.length));
  if (instances.reduce((sum, count) => sum + count, 0) > MOST_INSTANCES) return undefined;
  const durationUs = Math.min(scenario.durationUs, SHORT_S * 1e6);
  const share = Math.max(1, Math.floor(MOST_REQUESTS / scenario.tenants.length));
  return {
    ...scenario,
    durationUs,
    warmUpUs: Math.min(scenario.warmUpUs, Math.floor(durationUs / 4)),
    tenants: scenario.tenants.map((tenant) => ({
      ...tenant,
      load: shortLoad(tenant.load, durationUs, share),
    })),
  };
}

function shortLoad(load: Load, toUs: number, requests: number): Load {
  if (load.mode === 'closed') {
    const concurrency = Math.min(load.concurrency, MOST_CLIENTS);
    return { ...load, concurrency, maxRequests: Math.min(load.maxRequests, requests) };
  }
  const { arrivalUs } = load.trace;
  const lastUs = arrivalUs.length > requests ? arrivalUs[requests]! : Infinity;
  const cut = Math.min(toUs, lastUs);
  return cut >= load.trace.durationUs ? load : { ...load, trace: sliceTrace(load.trace, { toUs: cut }) };
}
