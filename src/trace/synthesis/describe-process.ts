import type { ArrivalProcess } from './process.js';

/** One line for people: `gamma ratePerS=200 cv=2`. Long lists are cut to their length. */
export function describeProcess({ kind, ...fields }: ArrivalProcess): string {
  return [kind, ...Object.entries(fields).map(([key, value]) => `${key}=${describeValue(value)}`)].join(' ');
}

const LONGEST_LIST = 8;

function describeValue(value: unknown): string {
  if (Array.isArray(value)) {
    return value.length > LONGEST_LIST ? `${value.length} values` : `[${value.map(describeValue).join(' ')}]`;
  }
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.values(value).map(describeValue).join('/');
}
