import { printable } from '../../base/printable.js';
import { oneLine } from '../errors.js';

/** Makes what a server says fit to be shown and stored. */
export type ShowText = (text: string) => string;

/**
 * On one line, without unprintable characters, and without the values of headers that were sent: a server or a proxy may send
 * them back in its errors.
 */
export function showingWithout(headerValues: readonly string[]): ShowText {
  const secrets = [...new Set(headerValues.flatMap(partsOf))]
    .filter((part) => part.length >= LEAST_SECRET)
    .sort((a, b) => b.length - a.length);
  const pattern = new RegExp(secrets.map(escaped).join('|'), 'gi');
  const hidden = secrets.length === 0 ? same : (text: string) => text.replace(pattern, HIDDEN);
  return (text) => printable(oneLine(hidden(text)));
}

/** Shorter parts are no secrets, and are found in many a word. */
const LEAST_SECRET = 4;
const HIDDEN = '(hidden)';

/** A value, its words (a scheme and a token, say), and what Basic encodes: name and password. */
function partsOf(value: string): string[] {
  const words = value.split(/[\s,;]+/).filter((word) => !SCHEMES.test(word));
  const [, encoded] = /^basic\s+(\S+)$/i.exec(value) ?? [];
  if (encoded === undefined) return [value, ...words];
  const decoded = Buffer.from(encoded, 'base64').toString('latin1');
  return [value, ...words, decoded, decoded.slice(decoded.indexOf(':') + 1)];
}

const SCHEMES = /^(?:bearer|basic|digest|negotiate|token|apikey)$/i;

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function same(text: string): string {
  return text;
}
