import { dirname, isAbsolute, join } from 'node:path';
import { InputError, ProblemList } from '../../base/problem.js';
import { isServedUnbatched, writtenConfig } from '../../emit/config-file.js';
import { checkPlan } from '../../plan/input/check.js';
import { currentPlacement } from '../../plan/input/current.js';
import { withUnbatched } from '../../plan/input/unbatched.js';
import { type PlanProblem, partsOf } from '../../plan/problem-setting.js';
import { type PlanSpec, parsePlanSpec } from '../../plan/spec.js';
import type { ScenarioSpec } from '../../scenario/spec.js';
import { openParts, unbatchedIn } from '../emit/emit-files.js';
import { readText } from '../files/read-text.js';
import {
  type LoadedScenario,
  loadScenario,
  readResources,
  withItsTable,
} from '../scenario/scenario-files.js';

export interface LoadPlanOptions {
  /** Model repository from which the answer is to be emitted: it knows which models have no batch dimension. */
  readonly models?: string | undefined;
  /** Plan with all profiles as slow as their errors allow. Default false. */
  readonly sure?: boolean;
}

/**
 * Reads a plan file and every file that it names (paths are relative to it), and checks them together.
 * @throws InputError with everything that is wrong in any of them
 */
export async function loadPlan(
  path: string,
  { models, sure = false }: LoadPlanOptions = {},
): Promise<PlanProblem> {
  const { problem, unbatched } = await loadPlanFile(path, sure);
  const names = openParts(problem.workloads.flatMap(partsOf));
  const inRepository = models === undefined ? [] : await unbatchedIn(models, names);
  return withUnbatched(problem, new Set([...unbatched, ...inRepository]));
}

/** Models without a batch dimension where they are served now: what serves them next has the same tensors. */
function unbatchedNow({ spec, resources }: LoadedScenario): string[] {
  const served = spec.servers.flatMap(({ models }) => models);
  const isBatched = new Set(
    served
      .filter(({ config }) => !isServedUnbatched(writtenConfig(config, resources.configs)))
      .map(({ name }) => name),
  );
  return served.map(({ name }) => name).filter((name) => !isBatched.has(name));
}

async function loadPlanFile(
  path: string,
  isSure: boolean,
): Promise<{ readonly problem: PlanProblem; readonly unbatched: readonly string[] }> {
  const written = parsePlanSpec(await readText(path), { file: path });
  const document = await withItsTable(written, dirname(path));
  const { spec } = document;
  if (spec === undefined) throw new InputError(document.problems);
  const { current } = spec;
  const place = document.positionOf(['current']);
  const problems = new ProblemList();
  const problem = await problems.attemptLater(async () =>
    checkPlan(document, await readResources(asScenario(spec), dirname(path)), isSure),
  );
  const loaded = await problems.attemptLater(() => {
    if (current === undefined) return undefined;
    return loadScenario(isAbsolute(current) ? current : join(dirname(path), current), {}, place);
  });
  problems.throwIfAny();
  if (loaded === undefined) return { problem: problem!, unbatched: [] };
  const placement = problems.attempt(() => currentPlacement(problem!, loaded.scenario), place);
  problems.throwIfAny();
  return { problem: { ...problem!, current: placement! }, unbatched: unbatchedNow(loaded) };
}

/** A scenario that names the same files; nothing else of it is looked at when they are read. */
function asScenario(spec: PlanSpec): ScenarioSpec {
  return {
    profiles: spec.profiles,
    ...(spec.prices !== undefined && { prices: spec.prices }),
    servers: spec.machines.map(({ machine }, i) => ({
      machine,
      models:
        i > 0 ? [] : (spec.models ?? []).flatMap(({ config }) => (config === undefined ? [] : { config })),
    })),
    tenants: spec.tenants,
  } as unknown as ScenarioSpec;
}
