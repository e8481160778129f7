import { titledTable } from '../report/html/html-table.js';
import { html, type Markup } from '../report/html/markup.js';
import { tableOf } from '../report/tables/table.js';
import type { ValueChange } from './changes.js';
import type { RunDiff } from './diff-runs.js';
import { diffAnswer, MOST_CHANGES, metricTable, showValue } from './diff-text.js';

/** What changed, for a page: the answer, each figure with its significance, and what lies behind it. */
export function diffSection(diff: RunDiff): Markup {
  const figures = metricTable(diff);
  return html`${diffAnswer(diff).map((sentence) => html`<p class="answer">${sentence}</p>\n`)}
${changesTable('What was changed', diff.behind)}
${figures.rows.length > 0 ? titledTable(figures) : undefined}
${changesTable('Other figures', diff.facts)}`;
}

function changesTable(title: string, changes: readonly ValueChange[]): Markup | undefined {
  if (changes.length === 0) return undefined;
  const hidden = changes.length - MOST_CHANGES;
  return titledTable(
    tableOf(
      title,
      changes.slice(0, MOST_CHANGES),
      [
        { header: 'field', align: 'left', cell: ({ path }) => path },
        { header: 'a', align: 'left', cell: ({ a }) => showValue(a) },
        { header: 'b', align: 'left', cell: ({ b }) => showValue(b) },
      ],
      hidden > 0 ? [`and ${hidden} more.`] : [],
    ),
  );
}
