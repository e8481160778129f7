import type { ServerProfileFile } from '../profile/server-profile.js';
import type { CheckedScenario } from '../scenario/check.js';
import { resolveSpec } from '../scenario/resolve-spec.js';
import type { ProfileFile, ScenarioResources } from '../scenario/resources.js';
import type { ScenarioSpec } from '../scenario/spec.js';
import { decodeValue, encodeValue } from '../sweep/content.js';
import { formatTraceCsv, parseTraceCsv } from '../trace/csv.js';
import type { PageAnswer } from './page-answer.js';

/**
 * A scenario with everything that it names, as plain data: what the page opens, and what travels in a link.
 * Keys are the paths as the scenario writes them.
 */
export interface CarriedScenario {
  /** Version of perseus that wrote it. */
  readonly version: string;
  /** As a scenario file has it: defaults filled in, configurations inline, machines priced. */
  readonly spec: ScenarioData;
  readonly profiles: Readonly<Record<string, readonly ProfileFile[]>>;
  readonly serverProfiles: Readonly<Record<string, ServerProfileFile>>;
  /** Traces as CSV. */
  readonly traces: Readonly<Record<string, string>>;
  /** What simulating it gave, so that a page can open with it. */
  readonly answer?: PageAnswer;
}

/** A scenario as plain data that nobody has checked. */
export type ScenarioData = Readonly<Record<string, unknown>>;

/** Everything of a checked scenario that another machine, or a browser, needs to simulate it. */
export function carry(
  { spec, scenario, resources }: CheckedScenario & Loaded,
  version: string,
): CarriedScenario {
  return {
    version,
    spec: resolveSpec(spec, scenario),
    profiles: valuesOf(resources.profiles),
    serverProfiles: valuesOf(resources.serverProfiles ?? new Map()),
    traces: Object.fromEntries(
      Object.entries(valuesOf(resources.traces)).map(([path, trace]) => [path, formatTraceCsv(trace)]),
    ),
  };
}

interface Loaded {
  readonly spec: ScenarioSpec;
  readonly resources: ScenarioResources;
}

function valuesOf<T>(loaded: ReadonlyMap<string, { readonly value?: T }>): Record<string, T> {
  const found: Record<string, T> = {};
  for (const [path, { value }] of loaded) if (value !== undefined) found[path] = value;
  return found;
}

/**
 * What a carried scenario names, as the check of a scenario takes it.
 * @throws InputError where a trace is no trace
 */
export function resourcesOf({
  profiles,
  serverProfiles,
  traces,
}: Pick<CarriedScenario, 'profiles' | 'serverProfiles' | 'traces'>) {
  return {
    profiles: loadedFrom(profiles),
    serverProfiles: loadedFrom(serverProfiles),
    configs: new Map(),
    traces: new Map(
      Object.entries(traces).map(([file, text]) => [file, { value: parseTraceCsv(text, { file }) }]),
    ),
  } satisfies ScenarioResources;
}

function loadedFrom<T>(values: Readonly<Record<string, T>>): Map<string, { readonly value: T }> {
  return new Map(Object.entries(values).map(([path, value]) => [path, { value }]));
}

/** As text; equal scenarios give equal text. */
export function carriedToText(carried: CarriedScenario): string {
  return encodeValue(carried);
}

/** What {@link carriedToText} wrote. What is in it is checked when it is simulated. */
export function carriedFromText(text: string): CarriedScenario {
  return decodeValue(text) as CarriedScenario;
}
