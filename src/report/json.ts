import { canonicalJson } from '../base/canonical-json.js';
import { parseDocumentWith } from '../base/document.js';
import { InputError } from '../base/problem.js';
import { REPORT_FORMAT, reportSchema } from './report-schema.js';
import { resultHash } from './result-hash.js';
import type { RunReport } from './run-report.js';

/** The report as canonical JSON (see {@link canonicalJson}), with the hash of its figures: equal reports give equal bytes. */
export function reportToJson(report: RunReport): string {
  return canonicalJson({ format: REPORT_FORMAT, resultHash: resultHash(report.summary), ...report }, [
    'format',
  ]);
}

/**
 * Reads what {@link reportToJson} wrote: the same report, with figures rounded as written and NaN
 * where a figure was not finite. Members it does not know are ignored. Throws an
 * {@link InputError} that names every mistake.
 */
export function parseReport(text: string, options: { readonly file?: string } = {}): RunReport {
  const json = readJson(text);
  const result = reportSchema.safeParse(json.value);
  if (result.success) return result.data;
  // Only a text with mistakes pays for the slower reader that knows lines and columns.
  const { problems } = parseDocumentWith(reportSchema, text, { ...options, kind: 'report' });
  if (problems.length > 0) throw new InputError(problems);
  throw InputError.of(
    `is not JSON (${json.reason})`,
    'give the JSON form of a report, as `perseus simulate --json` writes it',
    options,
  );
}

/** The value of a JSON text, or why it is none, on one line. */
function readJson(text: string): { readonly value?: unknown; readonly reason?: string } {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    return { reason: (error as Error).message.replace(/\s+/g, ' ') };
  }
}
