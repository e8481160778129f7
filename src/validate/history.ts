import { median } from 'simple-statistics';
import * as z from 'zod';
import { canonicalJson } from '../base/canonical-json.js';
import { plural } from '../base/plural.js';
import { ProblemList } from '../base/problem.js';
import { metricNamed } from './metric.js';
import { coverageOf, type ValidationReport } from './report.js';

/** Name of the file beside the profiles of a calibration: a line of JSON for each validation. */
export const HISTORY_FILE = 'validations.jsonl';

const metricErrors = z.strictObject({
  /** Absolute, in the metric's error unit. */
  median: z.number().min(0),
  worst: z.number().min(0),
  /** Whose the worst one was. */
  worstOf: z.string().max(1000),
});

const pastValidation = z.strictObject({
  format: z.literal('perseus-validation-history/1'),
  /** ISO date and time. */
  date: z.string().max(100),
  scenario: z.string().max(1000),
  /** Of perseus; empty where not known. */
  commit: z.string().max(100),
  liveRuns: z.int().min(1),
  passed: z.boolean(),
  /** Measured figures that had an interval, and how many of them lay in it. */
  figures: z.int().min(0),
  covered: z.int().min(0),
  errors: z.record(z.string(), metricErrors),
});

/** What is kept of one validation. */
export type PastValidation = z.output<typeof pastValidation>;

/** What a report does not know about itself. */
export interface ValidationFacts {
  readonly date: string;
  readonly commit: string;
}

/** What the history keeps of a report: the errors of the judged metrics. */
export function pastValidationOf(
  report: ValidationReport,
  { date, commit }: ValidationFacts,
): PastValidation {
  const judged = report.figures.filter(
    ({ verdict, error }) => verdict !== 'not judged' && Number.isFinite(error),
  );
  const names = [...new Set(judged.map(({ metric }) => metric.name))];
  const { known, inside } = coverageOf(report.figures);
  return {
    format: 'perseus-validation-history/1',
    date,
    scenario: report.scenario,
    commit,
    liveRuns: report.liveRuns,
    passed: report.passed,
    figures: known,
    covered: inside,
    errors: Object.fromEntries(
      names.map((name) => {
        const of = judged.filter(({ metric }) => metric.name === name);
        const worst = of.reduce((a, b) => (Math.abs(b.error) > Math.abs(a.error) ? b : a));
        const errors = of.map(({ error }) => Math.abs(error));
        return [name, { median: median(errors), worst: Math.abs(worst.error), worstOf: worst.subject }];
      }),
    ),
  };
}

/** The text of the history file with one validation more; `text` is what it held, undefined where there is none. */
export function withValidation(text: string | undefined, validation: PastValidation): string {
  const before = text === undefined || text === '' || text.endsWith('\n') ? (text ?? '') : `${text}\n`;
  // A line each: a list that grows should show one line more in a diff.
  const line = JSON.stringify(JSON.parse(canonicalJson(validation, ['format', 'date', 'scenario'])));
  return `${before}${line}\n`;
}

/**
 * The validations of a history file, oldest first.
 * @throws InputError with the line of everything that is not one
 */
export function parseHistory(text: string, options: { readonly file?: string } = {}): PastValidation[] {
  const problems = new ProblemList(options);
  const validations: PastValidation[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const validation = parseLine(line);
    if (typeof validation !== 'string') validations.push(validation);
    else if (problems.problems.length < MOST_PROBLEMS) {
      const remedy = 'remove the line, or the whole file: perseus validate writes a new one';
      problems.add({ line: index + 1, what: `is no validation (${validation})`, remedy });
    }
  }
  problems.throwIfAny();
  return validations;
}

/** A file with more wrong lines is something else. */
const MOST_PROBLEMS = 20;

/** The validation, or what is wrong with it. */
function parseLine(line: string): PastValidation | string {
  try {
    const parsed = pastValidation.safeParse(JSON.parse(line));
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    return `${issue?.path.join('.') || 'line'}: ${issue?.message ?? 'unknown'}`.slice(0, 200);
  } catch {
    return 'not JSON';
  }
}

/**
 * How far predictions with these profiles may be trusted, as two or three sentences for people: how
 * often they were validated, the errors found, and how often intervals held. Of several validations of
 * one scenario the last counts.
 */
export function trustSummary(history: readonly PastValidation[]): string {
  if (history.length === 0) return 'These profiles were never validated against a live server.';
  const last = [...new Map(history.map((each) => [each.scenario, each])).values()];
  const newest = history.reduce((a, b) => (b.date >= a.date ? b : a));
  const failed = last.filter(({ passed }) => !passed);
  const scenarios = `${last.length === 1 ? 'one' : last.length} ${plural(last.length, 'scenario')}`;
  const commit = newest.commit === '' ? '' : ` with perseus ${newest.commit}`;
  const head = `Validated on ${scenarios} against a live server, last on ${newest.date.slice(0, 10)}${commit}`;
  const outcome =
    failed.length === 0
      ? 'all within tolerance'
      : `out of tolerance: ${failed.map(({ scenario }) => scenario).join(', ')}`;
  return [`${head}; ${outcome}.`, ...errorSentence(last), ...coverageSentence(last)].join(' ');
}

/** Metrics that are quoted, of those that were judged. */
const QUOTED = ['throughputPerS', 'meanMs', 'p50Ms', 'p95Ms', 'p99Ms', 'sloAttainment'];

function errorSentence(validations: readonly PastValidation[]): readonly string[] {
  const parts = QUOTED.flatMap((name) => {
    const errors = validations.flatMap(({ errors }) => (Object.hasOwn(errors, name) ? [errors[name]!] : []));
    const metric = metricNamed(name);
    if (errors.length === 0 || metric === undefined) return [];
    const typical = median(errors.map((error) => error.median));
    const worst = errors.reduce((most, error) => Math.max(most, error.worst), 0);
    const { label, errorUnit } = metric;
    return [`${label} ${typical.toFixed(1)} ${errorUnit} (worst ${worst.toFixed(1)} ${errorUnit})`];
  });
  return parts.length === 0 ? [] : [`Errors, median: ${parts.join(', ')}.`];
}

function coverageSentence(validations: readonly PastValidation[]): readonly string[] {
  const figures = validations.reduce((sum, each) => sum + each.figures, 0);
  const covered = validations.reduce((sum, each) => sum + each.covered, 0);
  if (figures === 0) return [];
  const percent = ((100 * covered) / figures).toFixed(0);
  return [`${percent} % of ${figures} measured figures lay in their predicted 95 % interval.`];
}
