import { plural } from '../base/plural.js';
import { shellWord } from '../base/shell-word.js';
import { STANDARD_INPUT } from '../base/standard-input.js';
import { answerSentences, costSentences, isSaturated, selectTenants, verdictOf } from './answer.js';
import { formatCount } from './format.js';
import { headroomSentence, headroomTable } from './headroom.js';
import { runDescription, sourceSentences } from './provenance.js';
import type { RunReport, TrustNote } from './run-report.js';
import { doubtTables } from './tables/doubt-table.js';
import { comparisonTable, costTable, machineTable } from './tables/money-tables.js';
import { resourceTables } from './tables/resource-tables.js';
import { sequenceLatencyTable, streamTable } from './tables/sequence-tables.js';
import type { Table } from './tables/table.js';
import { answerTable, latencyTable, outcomeTable, splitTable, stepTable } from './tables/tenant-tables.js';
import { type AnswerTextOptions, answerToText } from './text/answer-text.js';

/** Of more tenants those most in need of attention are shown. */
const MOST_TENANTS = 20;
const MAX_SOURCES = 6;

export type ReportTextOptions = AnswerTextOptions & TrustNote;

/**
 * The report for a terminal: what was simulated, the answer, then the details, warnings last. Ends
 * with a newline. No line is wider than `width`.
 */
export function reportToText(report: RunReport, options: ReportTextOptions = {}): string {
  const { summary, headroom, doubt, provenance, warnings } = report;
  const { trust } = options;
  const shown = selectTenants(summary.tenants, MOST_TENANTS);
  const rows = shown.length > 1 ? [...shown, { ...summary.total, tenant: 'all tenants' }] : shown;
  return answerToText(
    {
      heading: `${summary.scenario}: ${runDescription(report)}`,
      answer: answer(report, shown.length),
      table: { ...answerTable(rows, provenance.profileGuesses !== undefined), title: '' },
      below: explainSentence(summary, provenance.scenarioFile),
      asked: [
        ...(headroom === undefined ? [] : [headroomTable(headroom, shown)]),
        ...(doubt === undefined ? [] : doubtTables(doubt)),
      ].map(firstRows),
      details: detailTables(report, shown).map(firstRows),
      closing: trust === undefined ? [] : [{ heading: 'How far to trust this', sentences: [trust] }],
      warnings,
      sources: sourceSentences(report, MAX_SOURCES),
      next: ['-v shows latencies, where time goes, devices, costs and each warning.'],
    },
    options,
  );
}

/** The verdict, how much more load it bears where that was asked for, and its cost. */
function answer(report: RunReport, shown: number): readonly string[] {
  const { summary, cost, headroom, provenance } = report;
  const all = summary.tenants.length;
  return [
    ...answerSentences(report),
    ...(headroom === undefined ? [] : [headroomSentence(headroom, provenance.profileGuesses)]),
    ...costSentences(cost),
    ...(all > shown
      ? [
          `Shown are the ${shown} tenants most in need of attention; --json, --csv and --html have all ${formatCount(all)}.`,
        ]
      : []),
  ];
}

/** Where the reason is to be had of what is missed or does not keep up: it takes more runs than this one. */
function explainSentence({ tenants }: RunReport['summary'], scenarioFile: string): readonly string[] {
  if (!tenants.some((tenant) => verdictOf(tenant) === 'missed' || isSaturated(tenant))) return [];
  if (scenarioFile === STANDARD_INPUT) return [];
  return [`perseus explain ${shellWord(scenarioFile)} names what is to blame.`];
}

function detailTables(
  { summary, cost, bounds, measured }: RunReport,
  shown: RunReport['summary']['tenants'],
): readonly Table[] {
  return [
    latencyTable(shown, bounds),
    stepTable(shown, summary.models),
    streamTable(shown),
    sequenceLatencyTable(shown),
    splitTable(shown),
    outcomeTable(shown),
    ...resourceTables(summary),
    ...(cost === undefined ? [] : [costTable(cost), machineTable(cost)]),
    ...(measured === undefined || measured.length === 0 ? [] : [comparisonTable(measured)]),
  ];
}

/** A long table cut short, saying so; those with a row or two for each tenant have been cut before. */
function firstRows(table: Table): Table {
  const limit = 3 * MOST_TENANTS;
  const hidden = table.rows.length - limit;
  if (hidden <= 0) return table;
  return {
    ...table,
    rows: table.rows.slice(0, limit),
    notes: [`… and ${hidden} more ${plural(hidden, 'row')}.`, ...table.notes],
  };
}
