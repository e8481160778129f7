import { InputError } from '../../base/problem.js';
import type { ModelProfile } from '../../profile/profile.js';
import { slowerProfile } from '../../profile/slower.js';
import { atTimeError } from '../../profile/time-error.js';
import { Findings } from '../../scenario/check/findings.js';
import type { ScenarioResources } from '../../scenario/resources.js';
import type { TenantSpec } from '../../scenario/spec/tenant-spec.js';
import { usesOf } from '../bound/called.js';
import type { ServingOption } from '../placement.js';
import { type PlanProblem, partsOf, type Workload } from '../problem-setting.js';
import { leastReplicas } from '../replicas.js';
import { PLANNED_DOUBTS } from '../slow-end.js';
import { MOST_TENANTS, type PlanDocument, type PlanSpec } from '../spec.js';
import { resolveDays } from './check-days.js';
import { resolveMachines } from './check-machines.js';
import { planWorkloads } from './check-models.js';
import { checkProfiles, type PlanProfiles } from './check-profiles.js';
import { checkServed } from './check-served.js';
import { checkBatchesHold, resolveWorkloads, USUAL_BATCH_SIZES } from './resolve-workloads.js';

/**
 * Looks up everything that a plan file names: prices, profiles, MIG layouts, arrivals.
 * @param isSure plan with all profiles as slow as their errors allow
 * @throws InputError with everything that is wrong, each at its place in the file
 */
export function checkPlan(document: PlanDocument, resources: ScenarioResources, isSure = false): PlanProblem {
  const { spec, problems, positionOf, gaps } = document;
  if (spec === undefined) throw new InputError(problems);
  const findings = new Findings(positionOf, gaps);
  for (const problem of problems) findings.list.add(problem);
  if (resources.prices !== undefined) findings.take(resources.prices, ['prices']);
  const measured = takeProfiles(spec, resources, findings);
  const profiles = withMargin(
    measured.files.map(({ profile }) => (isSure ? atTimeError(profile, 'slow', PLANNED_DOUBTS) : profile)),
    spec,
  );
  const { machines, slotKinds } = resolveMachines(spec, profiles, resources, findings);
  const warmUpS = spec.warmUpS ?? spec.durationS / 10;
  if (warmUpS >= spec.durationS && isLengthKnown(findings)) {
    findings.problem(['warmUpS'], `${warmUpS} s leave nothing of the ${spec.durationS} s`, 'write less');
  }
  checkReplicas(spec, findings);
  checkTenants(spec, warmUpS, findings);
  const days = resolveDays(spec, warmUpS, resources, findings);
  const setting = { spec, warmUpS, machines, slotKinds, days, isSure, loadWarnings: findings.warnings };
  const planned = planWorkloads(spec, resources, findings);
  const workloads = resolveWorkloads(setting, planned, profiles);
  checkProfiles(spec, slotKinds, { planned, measured }, findings);
  const options = optionsOf(spec, workloads);
  checkBatchesHold(workloads, options, findings);
  findings.list.throwIfAny();
  const problem = { ...setting, workloads, options };
  checkSequences(problem, findings);
  checkServed(problem, findings);
  findings.list.throwIfAny();
  return problem;
}

/** Each file once, in however many of the folders it is. */
function takeProfiles(spec: PlanSpec, resources: ScenarioResources, findings: Findings): PlanProfiles {
  const before = findings.list.problems.length;
  const all = spec.profiles.flatMap(
    (path, i) => findings.take(resources.profiles.get(path), ['profiles', i]) ?? [],
  );
  const files = [...new Map(all.map((one) => [one.file, one])).values()];
  return { files, isComplete: findings.list.problems.length === before };
}

function withMargin(profiles: readonly ModelProfile[], { marginPercent }: PlanSpec): readonly ModelProfile[] {
  return marginPercent === 0
    ? profiles
    : profiles.map((profile) => slowerProfile(profile, 1 + marginPercent / 100));
}

function optionsOf({ batching }: PlanSpec, workloads: readonly Workload[]): ServingOption[] {
  const distinct = (values: readonly number[]) => [...new Set(values)].sort((a, b) => a - b);
  // Nothing waits for company where there is no batch.
  const delaysOf = (maxBatchSize: number) => (maxBatchSize === 1 ? [0] : distinct(batching.queueDelaysMs));
  return distinct(batching.maxBatchSizes ?? usualBatchSizes(workloads)).flatMap((maxBatchSize) =>
    delaysOf(maxBatchSize).flatMap((queueDelayMs) =>
      distinct(batching.instances).map((instances) => ({ maxBatchSize, queueDelayMs, instances })),
    ),
  );
}

/** What a plan tries of its own accord is nothing that no profile knows, but for requests that need it. */
function usualBatchSizes(workloads: readonly Workload[]): readonly number[] {
  const parts = workloads.flatMap(partsOf);
  const allowed = parts.flatMap(({ fields, mostBatch }) => (fields === undefined ? [] : (mostBatch ?? [])));
  const most = Math.max(...parts.map(({ mostBatch = 1 }) => mostBatch));
  return [...USUAL_BATCH_SIZES.filter((size) => size <= most), ...allowed];
}

/** What only one device may serve is gone with it. */
function checkReplicas({ survive, mostReplicas }: PlanSpec, findings: Findings): void {
  const least = leastReplicas(survive);
  if (mostReplicas >= least || findings.gaps.at(['mostReplicas']) || findings.gaps.at(['survive'])) return;
  const what = `${mostReplicas} leaves a model without a device once its ${survive} is lost`;
  findings.problem(['mostReplicas'], what, `write ${least} or more, or survive: nothing`);
}

/** Not where what the file says of it was wrong, and has its default. */
function isLengthKnown({ gaps }: Findings): boolean {
  return !gaps.at(['durationS']) && !gaps.at(['warmUpS']);
}

/** Tenants send sequences to models that take them. */
function checkSequences({ spec, workloads }: PlanProblem, findings: Findings): void {
  for (const { entries: _, ...workload } of workloads)
    for (const t of workload.tenants) {
      const { sequences, model } = spec.tenants[t]!;
      const uses = usesOf({ ...workload, model });
      const takes = partsOf(workload).some(
        (part) => part.slots !== undefined && uses.get(part.model)!.most.calls > 0,
      );
      if (sequences !== undefined && !takes)
        findings.problem(['tenants', t, 'sequences'], `"${model}" has no sequence batching`, 'leave it out');
    }
}

/** Limits longer than this part of what is counted would let a device fall behind unseen. */
const LONGEST_LIMIT = 1 / 4;

/** What the plan decides, with its default: a table has the fields of a scenario's tenants, and may say something else. */
const DECIDED = [
  ['servers', undefined],
  ['routing', 'roundRobin'],
  ['sharedMemory', 'none'],
] as const;

/** A plan decides how each model is served by itself; these ask for what it does not decide. */
const UNPLANNED = [
  ['outputs', 'a plan serves ensembles with all their outputs'],
  ['contents', 'a plan serves its models without a response cache'],
] as const;

function checkTenants(spec: PlanSpec, warmUpS: number, findings: Findings): void {
  const countedMs = (spec.durationS - warmUpS) * 1000;
  // Where the warm-up leaves nothing, that is the mistake.
  const isCounted = isLengthKnown(findings) && countedMs > 0;
  for (const [i, { slo }] of isCounted ? spec.tenants.entries() : []) {
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
  if (spec.tenants.length > MOST_TENANTS)
    findings.problem(
      ['tenantsFile'],
      `has too many tenants: with those of the plan ${spec.tenants.length}`,
      `write at most ${MOST_TENANTS}`,
    );
  for (const [i, tenant] of spec.tenants.entries()) {
    const { load, priority } = tenant;
    for (const [key, usual] of DECIDED) {
      const { [key]: given = usual }: Partial<TenantSpec> = tenant;
      if (given !== usual) findings.problem(['tenants', i, key], 'the plan decides it', 'leave it out');
    }
    for (const [key, what] of UNPLANNED) {
      if (tenant[key] !== undefined) findings.problem(['tenants', i, key], what, 'leave it out');
    }
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
