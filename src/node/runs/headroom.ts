import { headroomPoint, headroomSearch } from '../../report/headroom.js';
import type { Headroom } from '../../report/run-report.js';
import { checkScenario } from '../../scenario/check.js';
import { loadTimes } from '../../scenario/load-times.js';
import type { Scenario } from '../../scenario/scenario.js';
import { requireMemory } from '../memory/memory-need.js';
import { runNeed } from '../memory/run-need.js';
import type { LoadedScenario } from '../scenario/scenario-files.js';
import { type ReplicationOptions, simulateOne } from './run-scenario.js';

/**
 * How far all loads of a scenario may grow before an SLO is missed, from runs under its seed.
 * @throws InputError where a load cannot be scaled, MemoryError where memory does not suffice
 */
export async function findHeadroom(
  loaded: LoadedScenario,
  { threads = 1, progress = () => {}, notify }: ReplicationOptions = {},
): Promise<Headroom> {
  const search = headroomSearch();
  let step = search.next();
  while (step.done !== true) {
    const factor = step.value;
    const scenario = atLoad(loaded, factor);
    requireMemory(runNeed(scenario, {}), notify);
    const { run } = await simulateOne(scenario, {
      threads,
      onProgress: (share) => progress(`${factor} times the load: ${Math.round(100 * share)} % simulated`),
    });
    step = search.next(headroomPoint(factor, run.figures.summary));
  }
  return step.value;
}

function atLoad({ spec, resources }: LoadedScenario, factor: number): Scenario {
  const tenants = spec.tenants.map((tenant) => ({ ...tenant, load: loadTimes(tenant.load, factor) }));
  const document = { spec: { ...spec, tenants }, problems: [], positionOf: () => ({}) };
  return checkScenario(document, resources).scenario;
}
