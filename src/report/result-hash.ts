import { canonicalJson } from '../base/canonical-json.js';
import type { Summary } from '../metrics/summary.js';

/**
 * A short name of the figures of a run: equal figures have equal names, on the command line and in a browser.
 * It tells results apart; it is no proof against somebody who wants two to look the same.
 * @returns 14 hexadecimal digits (cyrb53, by bryc, public domain)
 */
export function resultHash(summary: Summary): string {
  // Rounded as reports are written: engines of JavaScript differ in the last digits of exponentials.
  const text = canonicalJson(summary);
  let a = 0xdeadbeef;
  let b = 0x41c6ce57;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 2654435761);
    b = Math.imul(b ^ code, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  return (4294967296 * (2097151 & b) + (a >>> 0)).toString(16).padStart(14, '0');
}
