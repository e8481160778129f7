import { groupBy } from '../base/group-by.js';
import { ProblemList } from '../base/problem.js';
import { parseMetricNumber } from '../trace/number.js';

/**
 * A page of metrics in Prometheus' text format (version 0.0.4; what Triton serves at `/metrics`): its samples by their
 * names, such as `nv_inference_count`, and of a histogram `…_bucket`, `…_sum` and `…_count`.
 */
export type MetricsPage = ReadonlyMap<string, readonly MetricSample[]>;

export interface MetricSample {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  /** May be infinite or NaN: the format has words for both. */
  readonly value: number;
  readonly timestampMs?: number;
}

/** Reads a page. Throws an `InputError` with every line that is not of the format. */
export function parseMetricsPage(text: string, file = 'metrics'): MetricsPage {
  const problems = new ProblemList({ file });
  const samples: MetricSample[] = [];
  for (const [i, written] of text.split(/\r?\n/).entries()) {
    const line = written.trim();
    // Comments say how a metric is to be read, which is known of those that are asked for.
    if (line === '' || line.startsWith('#')) continue;
    const sample = readSample(line);
    if (typeof sample !== 'string') samples.push(sample);
    else problems.add({ line: i + 1, what: sample, remedy: "give the page of a server's /metrics" });
    if (problems.problems.length >= MOST_PROBLEMS) break;
  }
  problems.throwIfAny();
  return groupBy(samples, ({ name }) => name);
}

/** A page with more bad lines than this is something else altogether. */
const MOST_PROBLEMS = 20;

/** Ten labels of names as long as file systems take have some 3,000 characters. */
const LONGEST_LINE = 65_536;

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const SAMPLE = new RegExp(`^(${NAME})(?:\\s*(\\{.*\\}))?\\s*([^\\s{}"]+)(?:\\s+(-?\\d{1,15}))?$`, 's');

/** A sample, or what is wrong with its line. */
function readSample(line: string): MetricSample | string {
  if (line.length > LONGEST_LINE) return 'is longer than a line of a metrics page';
  const [, name, block = '{}', number = '', time] = SAMPLE.exec(line) ?? [];
  if (name === undefined) return 'is no line of a metrics page';
  const labels = readLabels(block);
  if (typeof labels === 'string') return labels;
  const value = parseMetricNumber(number);
  if (value === undefined) return `"${number.slice(0, 40)}" is no number`;
  return { name, labels, value, ...(time === undefined ? {} : { timestampMs: Number(time) }) };
}

const LABEL = /\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*(,|(?=\}))/y;

/** Labels between braces; a comma after the last one is allowed. */
function readLabels(block: string): ReadonlyMap<string, string> | string {
  const labels = new Map<string, string>();
  let at = 1;
  while (!/^\s*$/.test(block.slice(at, -1))) {
    LABEL.lastIndex = at;
    const [, name, value] = LABEL.exec(block) ?? [];
    if (name === undefined) return 'its labels are not written as {name="value",…}';
    if (labels.has(name)) return `the label ${name} is given twice`;
    labels.set(name, unescapeText(value!));
    at = LABEL.lastIndex;
  }
  return labels;
}

/** Backslash, quote and line feed are the only characters with an escape. */
function unescapeText(text: string): string {
  return text.replace(/\\([\\"n])/g, (_, character: string) => (character === 'n' ? '\n' : character));
}
