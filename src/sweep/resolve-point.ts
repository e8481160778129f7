import { checkAgainst } from '../base/document/schema-problems.js';
import type { Path } from '../base/path.js';
import { InputError, type Place } from '../base/problem.js';
import { refuseChanges } from '../scenario/changes.js';
import { saysTokens } from '../scenario/check/engines.js';
import { endOf } from '../scenario/check/load.js';
import { checkScenario } from '../scenario/check.js';
import type { ScenarioResources } from '../scenario/resources.js';
import type { Scenario } from '../scenario/scenario.js';
import { recoverDocument } from '../scenario/spec/read-document.js';
import { TENANT_RULES } from '../scenario/spec/tenant-rules.js';
import type { TenantSpec } from '../scenario/spec/tenant-spec.js';
import { type ScenarioDocument, type ScenarioSpec, scenarioSpecSchema } from '../scenario/spec.js';
import type { Trace } from '../trace/trace.js';
import type { ArrivalCache } from './attach.js';
import { type ContentHashes, type DetachedScenario, detachScenario } from './detached.js';
import type { PlainRecord } from './plain.js';

export interface PointSurroundings {
  /** Where a field stands in the base scenario's file. */
  readonly positionOf: (path: Path) => Place;
  readonly hashes: ContentHashes;
  readonly arrivals: ArrivalCache;
}

/** Checks the document of a point against the schema of scenarios, as the text of a scenario file is. */
export function readPointSpec(document: PlainRecord, positionOf: (path: Path) => Place): ScenarioDocument {
  const { value, problems } = checkAgainst(scenarioSpecSchema, document);
  if (value !== undefined) return { spec: value, problems: [], positionOf };
  const placed = problems.map(({ path, atKey: _, ...mistake }) => ({ ...positionOf(path), ...mistake }));
  return recoverDocument(scenarioSpecSchema, TENANT_RULES, document, { problems: placed, positionOf });
}

/**
 * Checks the scenario of a point as any other, and detaches it from its files and arrivals. Arrivals
 * cost more than all the rest and touch nothing else in the check: instead of drawing them for every
 * point, the check is given a single request in place of each load (of the largest batch, over the
 * load's whole time).
 *
 * @throws InputError with everything that is wrong
 */
export function resolvePoint(
  document: ScenarioDocument,
  resources: ScenarioResources,
  surroundings: PointSurroundings,
): DetachedScenario {
  const { spec, problems } = document;
  if (spec === undefined) throw new InputError(problems);
  refuseChanges(spec.changes, 'a sweep', surroundings.positionOf(['changes']));
  const statedUs = spec.durationS === undefined ? undefined : Math.max(1, Math.round(spec.durationS * 1e6));
  const scenario =
    (problems.length === 0 ? checkWithStandIns(spec, resources, statedUs, surroundings) : undefined) ??
    checkScenario(document, resources).scenario;
  return detachScenario(scenario, spec.tenants, statedUs, surroundings.hashes);
}

/** Undefined where something is wrong: only the check of the scenario itself says what, and where. */
function checkWithStandIns(
  spec: ScenarioSpec,
  resources: ScenarioResources,
  statedUs: number | undefined,
  surroundings: PointSurroundings,
): Scenario | undefined {
  try {
    const traces = new Map<string, { value: Trace }>();
    const tenants = spec.tenants.map((tenant, i): TenantSpec => {
      if (tenant.load.closedLoop !== undefined) return tenant;
      const file = `stand-in for the load of tenant ${i}`;
      traces.set(file, { value: standIn(tenant, spec.seed, statedUs, surroundings) });
      const { process: _, trace: __, ...load } = tenant.load;
      return { ...tenant, load: { ...load, trace: { file, fromS: 0, scaleTime: 1, scaleRate: 1 } } };
    });
    const document = { spec: { ...spec, tenants }, problems: [], positionOf: surroundings.positionOf };
    return checkScenario(document, { ...resources, traces }).scenario;
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

/** One request in place of a load. */
function standIn(
  { name, load, batchSize }: TenantSpec,
  seed: number | string,
  statedUs: number | undefined,
  { hashes, arrivals }: PointSurroundings,
): Trace {
  const startUs = Math.round((load.startS ?? 0) * 1e6);
  const one = { tenants: [name], arrivalUs: new Float64Array(1), tenant: new Uint16Array(1) };
  if (load.trace === undefined) {
    const ownEndUs = load.durationS === undefined ? Infinity : startUs + Math.round(load.durationS * 1e6);
    const durationUs = Math.min(ownEndUs, statedUs ?? Infinity) - startUs;
    if (!(durationUs > 0 && durationUs < Infinity)) throw InputError.of('the load has no length');
    return { ...one, durationUs };
  }
  const recipe = { ...load, trace: { ...load.trace, file: hashes.trace(load.trace.file) } };
  const drawn = arrivals.arrivals({ tenant: name, load: recipe, batchSize, statedUs }, seed);
  const largest = drawn.batchSize?.reduce((most, size) => Math.max(most, size), 1);
  return {
    ...one,
    durationUs: endOf(drawn) - startUs,
    ...(largest === undefined ? {} : { batchSize: Uint16Array.of(largest) }),
    ...(drawn.sequenceId !== undefined && { sequenceId: Float64Array.of(1) }),
    ...(saysTokens(drawn) && { promptTokens: Uint32Array.of(1), outputTokens: Uint32Array.of(1) }),
  };
}
