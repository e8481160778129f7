import { MAX_CHARACTERS, MAX_DEPTH } from './syntax.js';

/**
 * The value of a text that is JSON, read many times as fast as YAML. Undefined for any other text, and where the reader of
 * YAML would find a mistake: that one says what is wrong, and where.
 */
export function readPlainJson(text: string): { readonly value: unknown } | undefined {
  if (text.length > MAX_CHARACTERS || !/^\s*\{/.test(text)) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  // Of a key that is written twice JSON.parse keeps the last.
  return countKeys(value, 0) === countWrittenKeys(text) ? { value } : undefined;
}

/** A text in quotes, and the colon that makes it a key. */
const QUOTED = /"[^"\\]*(?:\\.[^"\\]*)*"(\s*:)?/g;

function countWrittenKeys(text: string): number {
  let count = 0;
  for (const [, colon] of text.matchAll(QUOTED)) if (colon !== undefined) count++;
  return count;
}

/** NaN where values are nested too deep. */
function countKeys(value: unknown, depth: number): number {
  if (depth >= MAX_DEPTH) return Number.NaN;
  if (typeof value !== 'object' || value === null) return 0;
  const parts = Object.values(value);
  let count = Array.isArray(value) ? 0 : parts.length;
  for (const part of parts) count += countKeys(part, depth + 1);
  return count;
}
