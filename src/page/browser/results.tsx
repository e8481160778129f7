import { computed, signal } from '@preact/signals';
import {
  answerSection,
  latencySection,
  resourceSection,
  splitSection,
  timelineSection,
  warningSection,
} from '../../report/html/sections.js';
import type { RunReport } from '../../report/run-report.js';
import { report } from './doubt.js';
import { Part } from './markup.js';
import { isRefining, problems } from './state.js';

/** The report whose charts are drawn: the last one, as soon as its figures are on the screen. */
const charted = signal<RunReport | undefined>(undefined);
report.subscribe(() => {
  requestAnimationFrame(() =>
    setTimeout(() => {
      charted.value = report.peek();
    }),
  );
});

const figures = computed(() => report.value && answerSection(report.value));
const charts = computed(() => {
  const shown = charted.value;
  if (shown === undefined) return [];
  const sections = [latencySection, splitSection, timelineSection, resourceSection, warningSection];
  return sections.map((section) => section(shown));
});

export function Results() {
  return (
    <div class={isRefining.value || problems.value.length > 0 ? 'refining' : ''}>
      <h2>Results</h2>
      <Part markup={figures.value} />
      <Charts />
    </div>
  );
}

function Charts() {
  return charts.value.map((markup, i) => <Part key={i} markup={markup} />);
}
