import { groupBy } from '../base/group-by.js';
import { plural } from '../base/plural.js';
import { shellWord } from '../base/shell-word.js';
import { STANDARD_INPUT } from '../base/standard-input.js';
import type { Warning } from '../base/warning.js';
import { adviceFor, adviceWithout, asksSomething, warningSentence } from './advice.js';
import { answerSentences, costSentences, isSaturated, selectTenants, verdictOf } from './answer.js';
import { formatCount } from './format.js';
import { headroomSentence, headroomTable } from './headroom.js';
import { runDescription, sourceSentences } from './provenance.js';
import type { RunReport } from './run-report.js';
import { doubtTable } from './tables/doubt-table.js';
import { comparisonTable, costTable, machineTable } from './tables/money-tables.js';
import { resourceTables } from './tables/resource-tables.js';
import type { Table } from './tables/table.js';
import {
  answerTable,
  latencyTable,
  outcomeTable,
  splitTable,
  stepTable,
  streamTable,
} from './tables/tenant-tables.js';
import { markdownStyle, plainStyle, type Style, styleOf, type TextOptions } from './text/style.js';
import { textTable } from './text/text-table.js';
import { USUAL_WIDTH, wrap } from './text/width.js';
import { type WarningGroup, warningGroups } from './warning-groups.js';

/** The most profiles, and the most traces, whose source is named. */
const MAX_SOURCES = 6;

export interface ReportTextOptions extends TextOptions {
  /** The most rows of a table; of more tenants those most in need of attention are shown. 20 by default. */
  readonly maxRows?: number;
  /** All tables and warnings; else the answer, its table and what to do next. Default true. */
  readonly verbose?: boolean;
  /** What past validations say of predictions like this one; shown below the warnings. */
  readonly trust?: string;
}

/**
 * The report for a terminal: what was simulated, the answer, then the details, warnings last. Ends
 * with a newline. No line is wider than `width`.
 */
export function reportToText(report: RunReport, options: ReportTextOptions = {}): string {
  const { width = USUAL_WIDTH, maxRows = 20, trust, verbose = true } = options;
  const style = styleOf(options);
  if (!verbose && options.markdown !== true) return shortText(report, { width, maxRows, style, trust });
  const tables = detailTables(report, maxRows).map((table) =>
    textTable(firstRows(table, maxRows), width, style),
  );
  const blocks = [
    headerBlock(report, width, style),
    answerBlock(report, { width, maxRows, style }),
    ...(options.markdown === true ? [['<details><summary>Details</summary>']] : []),
    ...tables,
    warningsBlock(report.warnings, width, { style }),
    trust === undefined ? [] : [style('How far to trust this', 'heading'), ...wrap(trust, width)],
    sourceSentences(report, MAX_SOURCES).flatMap((line) => wrap(line, width, '  ')),
    ...(options.markdown === true ? [['</details>']] : []),
  ];
  return blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => `${lines.join('\n')}\n`)
    .join('\n');
}

interface ShortTextOptions {
  readonly width: number;
  readonly maxRows: number;
  readonly style: Style;
  readonly trust: string | undefined;
}

/** The answer, its table, what was asked for besides, and what to do next. */
function shortText(report: RunReport, { width, maxRows, style, trust }: ShortTextOptions): string {
  const { summary, headroom, doubt } = report;
  const shown = selectTenants(summary.tenants, maxRows);
  const asked = [
    ...(headroom === undefined ? [] : [headroomTable(headroom, shown)]),
    ...(doubt === undefined ? [] : [doubtTable(doubt)]),
  ];
  const blocks = [
    headerBlock(report, width, style),
    answerBlock(report, { width, maxRows, style }),
    ...asked.map((table) => textTable(firstRows(table, maxRows), width, style)),
    trust === undefined ? [] : [style('How far to trust this', 'heading'), ...wrap(trust, width)],
    [
      ...adviceBlock(report.warnings, width, { style }),
      ...wrap('-v shows latencies, where time goes, devices, costs and each warning.', width),
    ],
  ];
  return blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => `${lines.join('\n')}\n`)
    .join('\n');
}

/** What to do about warnings, those of a kind in one line; nothing about those that ask nothing. */
export function adviceBlock(
  warnings: readonly Warning[],
  width: number,
  { style = plainStyle, allIn = '-v' }: WarningsBlockOptions = {},
): readonly string[] {
  const asking = [...groupBy(warnings.filter(asksSomething), ({ code }) => code)];
  if (asking.length === 0) return [];
  const lines = asking.map(([code, group]) => {
    const subjects = namedSubjects([...new Set(group.map(({ subject }) => subject))]);
    return `- ${subjects} (${code}): ${adviceWithout(code, allIn)}`;
  });
  return [style('Before you rely on it', 'heading'), ...lines.flatMap((line) => wrap(line, width, '  '))];
}

function headerBlock(report: RunReport, width: number, style: Style): readonly string[] {
  return wrap(`${report.summary.scenario}: ${runDescription(report)}`, width, '  ').map((line) =>
    style(line, 'heading'),
  );
}

function answerBlock(
  { summary, cost, provenance, headroom }: RunReport,
  { width, maxRows, style }: { readonly width: number; readonly maxRows: number; readonly style: Style },
): readonly string[] {
  const shown = selectTenants(summary.tenants, maxRows);
  const hidden = summary.tenants.length - shown.length;
  const sentences = [
    ...answerSentences(summary),
    ...(headroom === undefined ? [] : [headroomSentence(headroom)]),
    ...costSentences(cost),
    ...(hidden > 0
      ? [
          `Shown are the ${shown.length} tenants most in need of attention; --json, --csv and --html have all ${formatCount(summary.tenants.length)}.`,
        ]
      : []),
  ];
  const rows = shown.length > 1 ? [...shown, { ...summary.total, tenant: 'all tenants' }] : shown;
  return [
    ...sentences.flatMap((sentence) => wrap(sentence, width)),
    '',
    ...answerLines(answerTable(rows), width, style),
    ...explainSentence(summary, provenance.scenarioFile).flatMap((sentence) => wrap(sentence, width)),
  ];
}

/** The table without its title: the sentences above it are. */
function answerLines(table: Table, width: number, style: Style): readonly string[] {
  if (style === markdownStyle) return [...textTable({ ...table, title: '' }, width, style), ''];
  return textTable(table, width, style).slice(1);
}

/** Where the reason is to be had of what is missed or does not keep up: it takes more runs than this one. */
function explainSentence({ tenants }: RunReport['summary'], scenarioFile: string): readonly string[] {
  if (!tenants.some((tenant) => verdictOf(tenant) === 'missed' || isSaturated(tenant))) return [];
  if (scenarioFile === STANDARD_INPUT) return [];
  return [`perseus explain ${shellWord(scenarioFile)} names what is to blame.`];
}

function detailTables(
  { summary, cost, bounds, headroom, doubt, measured }: RunReport,
  maxRows: number,
): readonly Table[] {
  const shown = selectTenants(summary.tenants, maxRows);
  return [
    latencyTable(shown, bounds),
    ...(headroom === undefined ? [] : [headroomTable(headroom, shown)]),
    ...(doubt === undefined ? [] : [doubtTable(doubt)]),
    stepTable(shown),
    streamTable(shown),
    splitTable(shown),
    outcomeTable(shown),
    ...resourceTables(summary),
    ...(cost === undefined ? [] : [costTable(cost), machineTable(cost)]),
    ...(measured === undefined || measured.length === 0 ? [] : [comparisonTable(measured)]),
  ].filter(({ rows }) => rows.length > 0);
}

/** A long table cut short, saying so; those with a row or two for each tenant have been cut before. */
function firstRows(table: Table, maxRows: number): Table {
  const limit = 3 * maxRows;
  const hidden = table.rows.length - limit;
  if (hidden <= 0) return table;
  return {
    ...table,
    rows: table.rows.slice(0, limit),
    notes: [`… and ${hidden} more ${plural(hidden, 'row')}.`, ...table.notes],
  };
}

/** The most warnings written out, like ones counted once. */
const MAX_WARNINGS = 20;

export interface WarningsBlockOptions {
  readonly style?: Style;
  /** Where what is not written out stands; of a list of warnings with the verb. */
  readonly allIn?: string;
}

/** What a reader must know, and what to do about each; nothing where there is nothing. */
export function warningsBlock(
  warnings: readonly Warning[],
  width: number,
  { style = plainStyle, allIn = '--json and --html have' }: WarningsBlockOptions = {},
): readonly string[] {
  if (warnings.length === 0) return [];
  const groups = warningGroups(warnings);
  const lines = groups.slice(0, MAX_WARNINGS).flatMap((group) => wrap(groupSentence(group), width, '  '));
  const hidden = groups.slice(MAX_WARNINGS).reduce((sum, group) => sum + group.warnings.length, 0);
  const rest = hidden > 0 ? [`- and ${hidden} more; ${allIn} them all.`] : [];
  return [style(`Warnings (${warnings.length})`, 'heading'), ...lines, ...rest];
}

/** The most subjects of like warnings that are named. */
const MAX_SUBJECTS = 3;

function namedSubjects(subjects: readonly string[]): string {
  const left = subjects.length - MAX_SUBJECTS;
  const named = subjects.slice(0, MAX_SUBJECTS).join(', ');
  return left > 0 ? `${named} and ${left} more` : named;
}

function groupSentence({ warnings, subjects, isSame }: WarningGroup): string {
  const first = warnings[0]!;
  const who = namedSubjects(subjects);
  const which = isSame ? '' : `, the first of ${warnings.length}`;
  return `- ${who} (${first.code})${which}: ${warningSentence(first)} ${adviceFor(first.code)}`;
}
