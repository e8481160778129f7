import { InputError } from '../base/problem.js';
import { RandomStreams } from '../base/random.js';
import type { ModelProfile } from '../profile/profile.js';
import { slowerProfile } from '../profile/slower.js';
import { Findings } from '../scenario/check/findings.js';
import { LoadBuilder } from '../scenario/check/load.js';
import type { ScenarioResources } from '../scenario/resources.js';
import type { Trace } from '../trace/trace.js';
import { drawBlocks, resampleBlocks } from './bootstrap.js';
import { checkBatchesHold, checkKindsServe, resolveDemands } from './check-demands.js';
import { resolveMachines } from './check-machines.js';
import type { ServingOption } from './placement.js';
import type { Day, PlanProblem } from './problem-setting.js';
import type { PlanDocument, PlanSpec } from './spec.js';

/**
 * Looks up everything that a plan file names: prices, profiles, MIG layouts, arrivals.
 * @throws InputError with everything that is wrong, each at its place in the file
 */
export function checkPlan(document: PlanDocument, resources: ScenarioResources): PlanProblem {
  const { value: spec, problems, positionOf } = document;
  if (spec === undefined) throw new InputError(problems);
  const findings = new Findings(positionOf);
  if (resources.prices !== undefined) findings.take(resources.prices, ['prices']);
  const measured = spec.profiles.flatMap((path, i) =>
    (findings.take(resources.profiles.get(path), ['profiles', i]) ?? []).map(({ profile }) => profile),
  );
  const profiles = withMargin(measured, spec);
  const { machines, slotKinds } = resolveMachines(spec, profiles, resources, findings);
  const warmUpS = spec.warmUpS ?? spec.durationS / 10;
  if (warmUpS >= spec.durationS) {
    findings.problem(['warmUpS'], `${warmUpS} s leave nothing of the ${spec.durationS} s`, 'write less');
  }
  checkTenants(spec, warmUpS, findings);
  const days = resolveDays(spec, resources, findings);
  const setting = { spec, warmUpS, machines, slotKinds, days };
  checkCounted(setting, findings);
  const demands = resolveDemands(setting, profiles, findings);
  checkKindsServe(spec, slotKinds, { demands, profiles }, findings);
  checkBatchesHold(spec, demands, findings);
  findings.list.throwIfAny();
  return { ...setting, demands, options: optionsOf(spec) };
}

function withMargin(profiles: readonly ModelProfile[], { marginPercent }: PlanSpec): readonly ModelProfile[] {
  return marginPercent === 0
    ? profiles
    : profiles.map((profile) => slowerProfile(profile, 1 + marginPercent / 100));
}

function optionsOf({ batching }: PlanSpec): ServingOption[] {
  const distinct = (values: readonly number[]) => [...new Set(values)].sort((a, b) => a - b);
  return distinct(batching.maxBatchSizes).flatMap((maxBatchSize) =>
    distinct(batching.queueDelaysMs).flatMap((queueDelayMs) =>
      // Nothing waits for company where there is no batch.
      maxBatchSize === 1 && queueDelayMs > 0
        ? []
        : distinct(batching.instances).map((instances) => ({ maxBatchSize, queueDelayMs, instances })),
    ),
  );
}

/** Limits longer than this part of what is counted would let a device fall behind unseen. */
const LONGEST_LIMIT = 1 / 4;

function checkTenants(spec: PlanSpec, warmUpS: number, findings: Findings): void {
  const countedMs = (spec.durationS - warmUpS) * 1000;
  for (const [i, { slo }] of spec.tenants.entries()) {
    if (slo === undefined || slo.limitMs <= LONGEST_LIMIT * countedMs) continue;
    const what = `${slo.limitMs} ms is so long beside the ${countedMs / 1000} s counted that a device could fall behind unseen`;
    const leastS = Math.ceil(slo.limitMs / LONGEST_LIMIT / 1000 + warmUpS);
    findings.problem(
      ['tenants', i, 'slo', 'limitMs'],
      what,
      `write durationS: ${Math.ceil(leastS * 1.2)} or more`,
    );
  }
  findings.distinct(
    spec.tenants.map(({ name }, i) => ({ name, path: ['tenants', i, 'name'] })),
    'tenant',
  );
  for (const [i, { load, priority }] of spec.tenants.entries()) {
    if (priority > 0) {
      const what = 'the models of a plan are served without priority levels';
      findings.problem(['tenants', i, 'priority'], what, 'leave it out');
    }
    for (const key of ['closedLoop', 'maxInFlight'] as const) {
      if (load[key] === undefined) continue;
      const what = 'a load that waits for answers cannot be divided among devices';
      findings.problem(['tenants', i, 'load', key], what, 'write a process or a trace without a cap');
    }
  }
}

/** Where the warm-up leaves no request to count, every promise would be kept by anything. */
function checkCounted({ days, warmUpS }: Pick<PlanProblem, 'days' | 'warmUpS'>, findings: Findings): void {
  if (findings.list.problems.length > 0) return;
  const isCounted = ({ arrivalUs }: Trace) => (arrivalUs.at(-1) ?? 0) >= warmUpS * 1e6;
  if (days[0]!.traces.some(isCounted)) return;
  const what = `all requests are planned within the warm-up of ${warmUpS} s: none would be counted`;
  findings.problem(['warmUpS'], what, 'write less, or loads that last longer');
}

/** The day as given, and those drawn anew. */
function resolveDays(spec: PlanSpec, resources: ScenarioResources, findings: Findings): Day[] {
  const first = resolveDay(spec, spec.seed, resources, findings);
  const day = (traces: readonly Trace[], i: number): Day => ({ name: `day ${i + 1}`, traces });
  if (findings.list.problems.length > 0 || spec.days === undefined) return [day(first, 0)];
  const durationUs = Math.round(spec.durationS * 1e6);
  const blockUs = Math.min(durationUs, Math.round(spec.days.blockS * 1e6));
  const further = Array.from({ length: spec.days.count }, (_, i) => {
    const seed = `${spec.seed}/day ${i + 2}`;
    const drawn = resolveDay(spec, seed, resources, findings);
    const starts = drawBlocks(durationUs, blockUs, new RandomStreams(seed).get('blocks'));
    return spec.tenants.map(({ load }, t) =>
      load.trace === undefined ? drawn[t]! : resampleBlocks(first[t]!, blockUs, starts, durationUs),
    );
  });
  return [first, ...further].map(day);
}

const NO_ARRIVALS: Trace = {
  tenants: [''],
  arrivalUs: new Float64Array(0),
  tenant: new Uint16Array(0),
  durationUs: 1,
};

function resolveDay(
  spec: PlanSpec,
  seed: number | string,
  resources: ScenarioResources,
  findings: Findings,
): Trace[] {
  const durationUs = Math.max(1, Math.round(spec.durationS * 1e6));
  const streams = new RandomStreams(seed);
  const loads = new LoadBuilder({ traces: resources.traces, streams, durationUs }, findings);
  return spec.tenants.map((tenant, t) => {
    const load = loads.build({ ...tenant, routing: 'roundRobin' }, ['tenants', t]);
    return load?.mode === 'open' ? load.trace : NO_ARRIVALS;
  });
}
