import { canonicalJson } from '../base/canonical-json.js';
import { shortHash } from '../base/short-hash.js';
import type { Summary } from '../metrics/summary.js';

/** A short name of the figures of a run: equal figures have equal names, on the command line and in a browser. */
export function resultHash(summary: Summary): string {
  // Rounded as reports are written: engines of JavaScript differ in the last digits of exponentials.
  return shortHash(canonicalJson(summary));
}
