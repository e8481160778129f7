import { runDescription } from '../provenance.js';
import type { RunReport } from '../run-report.js';
import { aliveSection, openSection } from './alive.js';
import { htmlDocument } from './document.js';
import { html, type Markup } from './markup.js';
import {
  answerSection,
  comparisonSection,
  costSection,
  headroomSection,
  latencySection,
  provenanceSection,
  resourceSection,
  splitSection,
  timelineSection,
  trustSection,
  warningSection,
} from './sections.js';

export interface ReportOptions {
  readonly trust?: string;
  readonly page?: string | null;
}

/**
 * The report as one HTML file that needs nothing else: style and charts are inside, and every name is escaped.
 * There is no script but that which opens the page. Equal reports give equal bytes.
 *
 * @param options.trust what past validations say of predictions like this one
 * @param options.page the what-if page of the run, as a zlib stream in base64; null says how to open it
 *
 * Import this module only when a page is wanted: it loads the chart library (about 0.2 s).
 */
export function reportToHtml(report: RunReport, options: ReportOptions = {}): string {
  const title = `${report.summary.scenario} · perseus`;
  const body = html`<p class="quiet">${runDescription(report)}</p>
${options.page === null ? openSection : options.page && aliveSection(options.page)}
${sections(report, options.trust)}`;
  return htmlDocument(title, report.summary.scenario, body);
}

function sections(report: RunReport, trust: string | undefined): readonly (Markup | undefined)[] {
  return [
    answerSection(report),
    latencySection(report),
    headroomSection(report),
    timelineSection(report),
    splitSection(report),
    resourceSection(report),
    costSection(report),
    comparisonSection(report),
    warningSection(report),
    trustSection(trust),
    provenanceSection(report),
  ];
}
