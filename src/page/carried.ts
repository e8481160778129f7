import { type Problem, problemsOf } from '../base/problem.js';
import { shortHash } from '../base/short-hash.js';
import type { ServerProfileFile } from '../profile/server-profile.js';
import type { CheckedScenario } from '../scenario/check.js';
import { resolveSpec } from '../scenario/resolve-spec.js';
import type { Loaded as LoadedFile, ProfileFile, ScenarioResources } from '../scenario/resources.js';
import type { ScenarioSpec } from '../scenario/spec.js';
import { decodeValue, encodeValue } from '../sweep/content.js';
import { formatTraceCsv, parseTraceCsv } from '../trace/csv.js';
import type { Trace } from '../trace/trace.js';
import type { PageAnswer } from './page-answer.js';

/**
 * A scenario with everything that it names, as plain data: what the page opens, and what travels in a link.
 * Keys are the paths as the scenario writes them.
 */
export interface CarriedScenario {
  readonly version: string;
  /** As a scenario file has it: defaults filled in, configurations inline, machines priced. */
  readonly spec: ScenarioData;
  readonly profiles: Readonly<Record<string, readonly ProfileFile[]>>;
  readonly serverProfiles: Readonly<Record<string, ServerProfileFile>>;
  /** Traces as CSV. */
  readonly traces: Readonly<Record<string, string>>;
  /** Traces that were too large to travel: the hash of each, by which it is known when it is opened. */
  readonly tracesLeftOut?: Readonly<Record<string, string>>;
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

/** What a carried scenario names, as the check of a scenario takes it; what is wrong with a file is told by that check. */
export function resourcesOf({
  profiles,
  serverProfiles,
  traces,
  tracesLeftOut = {},
}: Pick<CarriedScenario, 'profiles' | 'serverProfiles' | 'traces' | 'tracesLeftOut'>) {
  const absent = Object.keys(tracesLeftOut).map((file) => [file, { problems: [absentTrace(file)] }] as const);
  return {
    profiles: loadedFrom(profiles),
    serverProfiles: loadedFrom(serverProfiles),
    configs: new Map(),
    traces: new Map<string, LoadedFile<Trace>>([
      ...absent,
      ...Object.entries(traces).map(([file, text]) => [file, readTrace(file, text)] as const),
    ]),
    memoryBytes: MEMORY_BYTES,
  } satisfies ScenarioResources;
}

/** What arrivals may take in a browser: its tab has about 4 GB for all. */
const MEMORY_BYTES = 1e9;

/** Traces that were left out, under the names they have in the scenario, where some have the same content. */
export function tracesFound(
  leftOut: CarriedScenario['tracesLeftOut'],
  traces: CarriedScenario['traces'],
): CarriedScenario['traces'] {
  const wanted = Object.entries(leftOut ?? {});
  const known = wanted.length === 0 ? [] : Object.values(traces).map((csv) => [shortHash(csv), csv] as const);
  const byHash = new Map(known);
  return Object.fromEntries(
    wanted.flatMap(([file, hash]) => (byHash.has(hash) ? [[file, byHash.get(hash)!]] : [])),
  );
}

function readTrace(file: string, text: string): LoadedFile<Trace> {
  try {
    return { value: parseTraceCsv(text, { file }) };
  } catch (error) {
    return { problems: problemsOf(error) };
  }
}

function absentTrace(file: string): Problem {
  return { what: `the trace ${file} was too large for the link`, remedy: 'drop its file on this page' };
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
