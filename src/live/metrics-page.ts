import { ProblemList } from '../base/problem.js';
import { parseMetricNumber } from '../trace/number.js';

/** A page of metrics in Prometheus' text format (version 0.0.4; what Triton serves at `/metrics`). */
export interface MetricsPage {
  /** By name of the family: a histogram's buckets, sum and count are samples of one family. */
  readonly families: ReadonlyMap<string, MetricFamily>;
}

export type MetricType = 'counter' | 'gauge' | 'histogram' | 'summary' | 'untyped';

export interface MetricFamily {
  readonly name: string;
  readonly type: MetricType;
  readonly help: string;
  readonly samples: readonly MetricSample[];
}

export interface MetricSample {
  /** With the suffix where the family has one: `…_bucket`, `…_sum`, `…_count`. */
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  /** May be infinite or NaN: the format has words for both. */
  readonly value: number;
  readonly timestampMs?: number;
}

interface OpenFamily {
  readonly name: string;
  type: MetricType;
  help: string;
  readonly samples: MetricSample[];
}

/** Reads a page. Throws an `InputError` with every line that is not of the format. */
export function parseMetricsPage(text: string, file = 'metrics'): MetricsPage {
  const problems = new ProblemList({ file });
  const families = new Map<string, OpenFamily>();
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    const problem = readLine(line.trim(), families);
    if (problem !== undefined) {
      problems.add({ line: i + 1, what: problem, remedy: "give the page of a server's /metrics" });
    }
    if (problems.problems.length >= MOST_PROBLEMS) break;
  }
  problems.throwIfAny();
  return { families };
}

/** A page with more bad lines than this is something else altogether. */
const MOST_PROBLEMS = 20;

/** Ten labels of names as long as file systems take have some 3,000 characters. */
const LONGEST_LINE = 65_536;

/** Takes a line in; returns what is wrong with it. */
function readLine(line: string, families: Map<string, OpenFamily>): string | undefined {
  if (line === '') return undefined;
  if (line.length > LONGEST_LINE) return 'is longer than a line of a metrics page';
  if (line.startsWith('#')) return readComment(line, families);
  const sample = readSample(line);
  if (typeof sample === 'string') return sample;
  familyOf(sample.name, families).samples.push(sample);
  return undefined;
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const TYPES: readonly string[] = [
  'counter',
  'gauge',
  'histogram',
  'summary',
  'untyped',
] satisfies MetricType[];
const HELP_LINE = new RegExp(`^#\\s+HELP\\s+(${NAME})(?:\\s+(.*))?$`, 's');
const TYPE_LINE = new RegExp(`^#\\s+TYPE\\s+(${NAME})\\s+(\\w+)$`);

/** A comment that is neither help nor type means nothing. */
function readComment(line: string, families: Map<string, OpenFamily>): string | undefined {
  const [, helped, help = ''] = HELP_LINE.exec(line) ?? [];
  if (helped !== undefined) {
    openFamily(helped, families).help = unescapeText(help);
    return undefined;
  }
  const [, typed, type = ''] = TYPE_LINE.exec(line) ?? [];
  if (typed === undefined) return undefined;
  if (!TYPES.includes(type)) return `unknown type "${type.slice(0, 40)}"`;
  openFamily(typed, families).type = type as MetricType;
  return undefined;
}

function openFamily(name: string, families: Map<string, OpenFamily>): OpenFamily {
  const family = families.get(name) ?? { name, type: 'untyped', help: '', samples: [] };
  families.set(name, family);
  return family;
}

/** Samples of histograms and summaries bear the name of their family and a suffix. */
function familyOf(name: string, families: Map<string, OpenFamily>): OpenFamily {
  const [, base] = /^(.+)_(?:bucket|sum|count)$/.exec(name) ?? [];
  const parent = base === undefined ? undefined : families.get(base);
  if (parent !== undefined && (parent.type === 'histogram' || parent.type === 'summary')) return parent;
  return openFamily(name, families);
}

const SAMPLE = new RegExp(`^(${NAME})(?:\\s*(\\{.*\\}))?\\s*([^\\s{}"]+)(?:\\s+(-?\\d{1,15}))?$`, 's');

function readSample(line: string): MetricSample | string {
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
