import { given } from '../base/given.js';
import { isObject, parsedJson } from '../base/json.js';
import { InputError, type Place } from '../base/problem.js';
import { quoteValue } from './row-problems.js';
import type { Trace } from './trace.js';

/** What a trace file says about the whole trace, beside its rows. */
export interface TraceMeta {
  readonly tenants?: readonly string[];
  readonly durationUs?: number;
  readonly source?: string;
}

/** The whole trace's facts as one line of JSON, as Arrow and Parquet files keep them. */
export function formatMeta(trace: Trace): string {
  return JSON.stringify(metaFields(trace));
}

/**
 * As {@link formatMeta}, but only what the rows do not say already; undefined when they say it
 * all. Text files stay plain tables that way.
 */
export function formatNeededMeta(trace: Trace): string | undefined {
  const { tenants, duration_us, source } = metaFields(trace);
  const needed = {
    ...(sameNames(tenantsByAppearance(trace), tenants) ? {} : { tenants }),
    ...(duration_us === (trace.arrivalUs.at(-1) ?? 0) ? {} : { duration_us }),
    ...(source === undefined ? {} : { source }),
  };
  return Object.keys(needed).length === 0 ? undefined : JSON.stringify(needed);
}

/** @throws InputError when the text is not what {@link formatMeta} writes */
export function parseMeta(text: string, place: Place = {}): TraceMeta {
  const fields = parsedJson(text);
  if (fields !== undefined) return checkMeta(fields, place);
  throw InputError.of(`the trace's facts ${quoteValue(text)} are not JSON`, META_REMEDY, place);
}

/** Checks facts that were already read from JSON. @throws InputError */
export function checkMeta(fields: unknown, place: Place = {}): TraceMeta {
  if (!isObject(fields)) {
    throw InputError.of(`the trace's facts are ${quoteValue(fields)}, not a JSON object`, META_REMEDY, place);
  }
  const { tenants, duration_us, source } = fields;
  const isNames =
    Array.isArray(tenants) &&
    tenants.every((name) => typeof name === 'string') &&
    new Set(tenants).size === tenants.length;
  if (tenants !== undefined && !isNames) throw metaError('tenants', 'a list of different names', place);
  if (duration_us !== undefined && typeof duration_us !== 'number') {
    throw metaError('duration_us', 'a number', place);
  }
  if (source !== undefined && typeof source !== 'string') throw metaError('source', 'a text', place);
  return given({ tenants, durationUs: duration_us, source });
}

const META_REMEDY = 'write for example {"duration_us": 60000000, "source": "…"}';

function metaFields(trace: Trace) {
  return { tenants: trace.tenants, duration_us: trace.durationUs, source: trace.source };
}

function metaError(path: string, meaning: string, place: Place): InputError {
  return InputError.of(`is not ${meaning}`, META_REMEDY, { ...place, path });
}

function tenantsByAppearance(trace: Trace): string[] {
  const seen = new Set<number>();
  for (const index of trace.tenant) seen.add(index);
  return Array.from(seen, (index) => trace.tenants[index] as string);
}

function sameNames(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, index) => name === b[index]);
}
