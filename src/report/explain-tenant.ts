import { given } from '../base/given.js';
import { InputError } from '../base/problem.js';
import { EFFECTS } from '../effects/registry.js';
import type { CauseFacts, Counterfactual } from '../metrics/causes.js';
import { type Explanation, explain } from '../metrics/explain.js';
import { measuredTenants } from '../metrics/measured-tenant.js';
import type { ScenarioChange } from '../metrics/shown-causes.js';
import type { TenantSummary } from '../metrics/summary.js';
import { serviceTime } from '../profile/service-time.js';
import { withoutEffect } from '../scenario/change-effects.js';
import { isComposed, withCalled } from '../scenario/composition.js';
import { isPrefetching } from '../scenario/model-config.js';
import type { Scenario, ServedModel, Server } from '../scenario/scenario.js';
import { guessesIn } from '../scenario/starter/model-points.js';
import {
  type WhatIf,
  withAllLoaded,
  withAttentiveBatcher,
  withCostlessCache,
  withCostlessHandOvers,
  withLateBinding,
  withNoInFlightLimit,
  withNoRateLimiter,
  withOneMore,
  withOwnStreams,
  withoutDeaths,
  withoutDelay,
  withoutIterations,
  withoutOthers,
  withPromptEnds,
  withUnlimitedCache,
  withUnlimitedFrontEnd,
  withUnlimitedHost,
  withUnlimitedHostAndInstances,
  withUnlimitedInstances,
  withUnlimitedKvCache,
  withUnlimitedNetwork,
} from '../scenario/what-if.js';
import type { SimulationResult } from '../simulator/result.js';
import { simulate } from '../simulator/simulate.js';
import { summarizeRun } from './build-report.js';

export interface ExplainedTenant {
  readonly explanation: Explanation;
  readonly summary: TenantSummary;
  /** What must hold of profiles that nobody filled in; absent where there are none. */
  readonly profileGuesses?: string;
}

type Tried = Pick<Counterfactual, 'change' | 'model'> & { readonly whatIf: WhatIf };

function moreOfEachStep(scenario: Scenario, tenantName: string): Tried[] {
  const { targets } = scenario.tenants.find(({ name }) => name === tenantName)!;
  const names = targets.flatMap(({ server, model }) => {
    const { models } = scenario.servers[server]!;
    const called = isComposed(models[model]!) ? withCalled(models, [model]) : [];
    return called
      .filter((index) => models[index]!.instances.length > 0)
      .map((index) => models[index]!.config.name);
  });
  return [...new Set(names)].map((model) => ({
    change: 'one-more-instance',
    model,
    whatIf: withOneMore(model),
  }));
}

const SCENARIO_CHANGES: Readonly<Record<Exclude<ScenarioChange, 'one-more-instance'>, WhatIf>> = {
  'late-binding': withLateBinding,
  'attentive-batcher': withAttentiveBatcher,
  'no-delay': withoutDelay,
  'no-deaths': withoutDeaths,
  'prompt-ends': withPromptEnds,
  'one-execution': withoutIterations,
  'no-co-runners': withoutOthers,
  'all-loaded': withAllLoaded,
  'no-rate-limiter': withNoRateLimiter,
  'own-streams': withOwnStreams,
  'unlimited-cache': withUnlimitedCache,
  'costless-cache': withCostlessCache,
  'unlimited-kv-cache': withUnlimitedKvCache,
  'no-in-flight-limit': withNoInFlightLimit,
  'costless-hand-overs': withCostlessHandOvers,
  'unlimited-instances': withUnlimitedInstances,
  'unlimited-front-end': withUnlimitedFrontEnd,
  'unlimited-network': withUnlimitedNetwork,
  'unlimited-host': withUnlimitedHost,
  'unlimited-host-and-instances': withUnlimitedHostAndInstances,
};

/** What is changed, one thing at a time; each effect that the scenario has is switched off. */
const CHANGES: readonly Tried[] = [
  ...(Object.entries(SCENARIO_CHANGES) as [ScenarioChange, WhatIf][]).map(([change, whatIf]) => ({
    change,
    whatIf,
  })),
  ...EFFECTS.map((effect) => ({ change: effect.name, whatIf: withoutEffect(effect) })),
];

/**
 * Why a tenant's slow requests are slow: the run is repeated under the same arrivals with one thing
 * changed at a time, and what helps is the culprit.
 * @throws InputError when there is no such tenant
 */
export function explainTenant(
  scenario: Scenario,
  tenant: string,
  onStep?: (step: string) => void,
): ExplainedTenant {
  const measured = measuredTenants(scenario.tenants).find(({ name }) => name === tenant);
  if (measured === undefined) {
    const names = scenario.tenants.map(({ name }) => name).join(', ');
    throw InputError.of(`there is no tenant "${tenant}"`, `write one of ${names}`);
  }
  onStep?.('as it is');
  const result = simulate(scenario);
  const summary = tenantSummary(scenario, result, tenant);
  const counterfactuals: Counterfactual[] = [];
  for (const { whatIf, ...changes } of [...CHANGES, ...moreOfEachStep(scenario, tenant)]) {
    const changed = whatIf(scenario, tenant);
    if (changed === undefined) continue;
    const words = changes.change.replaceAll('-', ' ');
    onStep?.(changes.model === undefined ? words : `one more instance of ${changes.model}`);
    const after = tenantSummary(changed, simulate(changed), tenant);
    counterfactuals.push({ ...changes, before: summary, after });
  }
  const { log } = result;
  const facts = factsOf(scenario, result, tenant);
  const question = { log, tenant: measured, warmUpUs: scenario.warmUpUs, facts, counterfactuals };
  return { explanation: explain(question), summary, ...given({ profileGuesses: guessesIn(scenario) }) };
}

function tenantSummary(scenario: Scenario, result: SimulationResult, tenant: string): TenantSummary {
  return summarizeRun({ scenario, result }).tenants.find((summary) => summary.tenant === tenant)!;
}

function factsOf(scenario: Scenario, result: SimulationResult, tenantName: string): CauseFacts {
  const tenant = scenario.tenants.find(({ name }) => name === tenantName)!;
  const target = tenant.targets[0]!;
  const server = scenario.servers[target.server]!;
  const model = server.models[target.model]!;
  // What is known of one model says little of several.
  if (isComposed(model)) return {};
  const batching = model.config.dynamicBatching;
  const host = result.hosts[target.server]!;
  const device = server.devices[model.instances[0]!.device]?.name;
  const use = result.devices.find((entry) => entry.server === server.name && entry.device === device);
  const share = (us: number) => us / scenario.durationUs;
  const own = use?.busyUsByTenant.get(tenantName) ?? 0;
  const all = [...(use?.busyUsByTenant.values() ?? [])].reduce((sum, us) => sum + us, 0);
  return {
    ...(batching === undefined
      ? {}
      : { maxQueueDelayUs: batching.maxQueueDelayUs, lateBinding: !isPrefetching(model.config) }),
    ...(use === undefined ? {} : { ownBusyShare: share(own), othersBusyShare: share(all - own) }),
    ...(host.cpuCores === Infinity ? {} : { hostBusyShare: host.coresBusy / host.cpuCores }),
    ...(meetsOthers(server, model, all > own) && {
      soloInferMs: (batchSize) => serviceTime(model.instances[0]!.profile, batchSize).inferMs,
    }),
  };
}

/** Whether anything can run beside the executions of the model's first instance and slow them; else it is chance that some take longer. */
function meetsOthers(
  { cpuCores, devices }: Server,
  { instances }: ServedModel,
  othersExecute: boolean,
): boolean {
  const { device } = instances[0]!;
  if (device < 0) return Number.isFinite(cpuCores);
  if (devices[device]!.sharing.mode === 'exclusive') return false;
  return othersExecute || instances.filter((instance) => instance.device === device).length > 1;
}
