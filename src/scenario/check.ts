import { formatProblem, InputError, type Problem } from '../base/problem.js';
import { RandomStreams } from '../base/random.js';
import type { Warning } from '../base/warning.js';
import { resolveChanges } from './check/changes/changes.js';
import { Findings, suggest } from './check/findings.js';
import { LoadBuilder } from './check/load.js';
import { ProfileRegistry } from './check/profile-registry.js';
import { type IgnoredConfigFields, resolveServers } from './check/servers.js';
import { withCudaMemory } from './check/shared-memory.js';
import { resolveTenants } from './check/tenants.js';
import type { ScenarioResources } from './resources.js';
import type { Scenario } from './scenario.js';
import type { ScenarioDocument, ScenarioSpec } from './spec.js';

/** A scenario that can be simulated, and what its reader should know. */
export interface CheckedScenario {
  readonly scenario: Scenario;
  readonly warnings: readonly Warning[];
  readonly ignoredConfigFields: readonly IgnoredConfigFields[];
}

/**
 * Resolves what a scenario file says against the files that it names: references become indices,
 * Triton's defaults are filled in, loads become arrivals drawn from the seed.
 * @throws InputError with everything that is wrong, each at its place in the file
 */
export function checkScenario(document: ScenarioDocument, resources: ScenarioResources): CheckedScenario {
  const { spec, problems, positionOf, gaps } = document;
  if (spec === undefined) throw new InputError(problems);
  const findings = new Findings(positionOf, gaps);
  for (const problem of problems) findings.list.add(problem);
  const registry = shelveProfiles(spec, resources, findings);
  if (resources.prices !== undefined) findings.take(resources.prices, ['prices']);
  const durationUs = statedDuration(spec, findings);
  const { traces, mayBeIdle = false, memoryBytes } = resources;
  const streams = new RandomStreams(spec.seed);
  const surroundings = { traces, mayBeIdle, streams, memoryBytes, durationUs };
  const loads = new LoadBuilder(surroundings, findings);
  const problemsBefore = findings.list.problems.length;
  const loadedLater = (spec.changes ?? []).flatMap((change) =>
    change.do === 'loadModel' ? [change.server] : [],
  );
  const servers = resolveServers(spec.servers, resources, registry, findings, new Set(loadedLater));
  // Where servers have problems, what changes refer to may be missing.
  const hasServers =
    findings.list.problems.length === problemsBefore && findings.gaps.below(['servers']).length === 0;
  const tenants = resolveTenants(spec.tenants, servers, loads, findings);
  // Where the file has problems of its own, tenants may be missing from what is left of it.
  if (problems.length === 0) checkMeasured(spec, findings);
  const lengthUs = durationUs ?? Math.max(1, loads.longestUs);
  const surroundingsOfChanges = { specs: spec.servers, servers, registry, durationUs: lengthUs, findings };
  const changes = hasServers ? resolveChanges(spec.changes ?? [], surroundingsOfChanges) : [];
  const scenario: Scenario = {
    name: spec.name,
    seed: spec.seed,
    durationUs: lengthUs,
    warmUpUs: Math.round(spec.warmUpS * 1e6),
    servers: servers.servers,
    tenants,
    ...(changes.length > 0 && { changes }),
  };
  // Without a stated duration, tenants with problems would be missing from the longest load.
  const isLengthKnown = durationUs !== undefined || tenants.length === spec.tenants.length;
  if (isLengthKnown && !findings.gaps.at(['durationS'])) checkWarmUp(scenario, findings);
  if (findings.list.problems.length > 0) {
    throw new InputError(inOrder(findings.list.problems, positionOf([]).file));
  }
  return {
    scenario: withCudaMemory(scenario),
    warnings: findings.warnings,
    ignoredConfigFields: servers.ignoredConfigFields,
  };
}

function shelveProfiles(
  spec: ScenarioSpec,
  resources: ScenarioResources,
  findings: Findings,
): ProfileRegistry {
  const before = findings.list.problems.length;
  const profiles = spec.profiles.flatMap(
    (path, i) => findings.take(resources.profiles.get(path), ['profiles', i]) ?? [],
  );
  return new ProfileRegistry(profiles, findings.list.problems.length === before, findings);
}

/** Length of the run, where the file states it; a load without an end of its own needs it. */
function statedDuration(spec: ScenarioSpec, findings: Findings): number | undefined {
  if (spec.durationS !== undefined) return Math.max(1, Math.round(spec.durationS * 1e6));
  const endless = spec.tenants.find(({ load }) => load.trace === undefined && load.durationS === undefined);
  if (endless !== undefined) {
    const what = `missing: the load of "${endless.name}" has no end of its own`;
    findings.problem(['durationS'], what, 'write the length of the run in seconds');
  }
  return undefined;
}

function checkWarmUp({ warmUpUs, durationUs }: Scenario, findings: Findings): void {
  if (warmUpUs < durationUs) return;
  const what = `the warm-up of ${warmUpUs / 1e6} s leaves nothing of the ${durationUs / 1e6} s`;
  findings.problem(['warmUpS'], what, 'write less, or make the run longer');
}

function checkMeasured({ measured = [], tenants }: ScenarioSpec, findings: Findings): void {
  const names = tenants.map(({ name }) => name);
  for (const [i, { tenant }] of measured.entries()) {
    if (names.includes(tenant)) continue;
    findings.problem(['measured', i, 'tenant'], `there is no tenant "${tenant}"`, suggest(tenant, names));
  }
}

/** Each problem once (a file that is used twice repeats its own), by place; the scenario file comes first. */
function inOrder(problems: readonly Problem[], scenarioFile: string | undefined): Problem[] {
  const distinct = [...new Map(problems.map((problem) => [formatProblem(problem), problem])).values()];
  return distinct.sort(
    (a, b) =>
      Number(a.file !== scenarioFile) - Number(b.file !== scenarioFile) ||
      compareText(a.file ?? '', b.file ?? '') ||
      // What has no line of its own counts those of its file that are not shown.
      (a.line ?? Number.MAX_SAFE_INTEGER) - (b.line ?? Number.MAX_SAFE_INTEGER) ||
      (a.column ?? 0) - (b.column ?? 0),
  );
}

/** By code unit, the same everywhere. */
function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
