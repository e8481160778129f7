import { InputError } from '../../base/problem.js';
import { type ExplainedTenant, explainTenant } from '../../report/explain-tenant.js';
import type { Scenario } from '../../scenario/scenario.js';
import { type Listeners, runApart } from '../memory/run-apart.js';
import { explainNeed } from '../memory/run-need.js';
import { loadScenario, type ScenarioOverrides } from '../scenario/scenario-files.js';

export interface ExplainOptions extends Listeners {
  readonly overrides?: ScenarioOverrides;
  /** Default: every tenant. */
  readonly tenant?: string | undefined;
}

export interface ExplainArgument {
  readonly scenario: Scenario;
  readonly tenant: string | undefined;
}

/**
 * Reads a scenario file and explains why the slow requests of its tenants are slow.
 * @throws InputError for mistakes in the scenario and for an unknown tenant, MemoryError where memory does not suffice
 */
export async function explainScenario(
  path: string,
  { overrides, tenant, ...listeners }: ExplainOptions = {},
): Promise<ExplainedTenant[]> {
  const { scenario } = await loadScenario(path, overrides);
  if (tenant !== undefined) requireTenant(scenario, tenant, '--tenant');
  const worker = new URL('../memory/threads/explain-worker.js', import.meta.url);
  return runApart(explainNeed(scenario), explainRead, worker, { scenario, tenant }, listeners);
}

/** The same of a scenario that has been read. */
export async function explainRead(
  { scenario, tenant }: ExplainArgument,
  progress?: (text: string) => void,
): Promise<ExplainedTenant[]> {
  const names = tenant === undefined ? scenario.tenants.map(({ name }) => name) : [tenant];
  return names.map((name) => {
    if (names.length > 3) progress?.(`explaining ${name}`);
    return explainTenant(scenario, name);
  });
}

/** @throws InputError where the scenario has no tenant of the name that an option gives */
export function requireTenant({ tenants }: Scenario, name: string, option: string): void {
  const names = tenants.map((tenant) => tenant.name);
  if (names.includes(name)) return;
  throw InputError.of(`there is no tenant "${name}"`, `write one of ${names.join(', ')}`, { path: option });
}
