import { runDescription } from '../provenance.js';
import type { RunReport } from '../run-report.js';
import { html, Markup } from './markup.js';
import {
  answerSection,
  comparisonSection,
  costSection,
  latencySection,
  provenanceSection,
  resourceSection,
  splitSection,
  timelineSection,
  trustSection,
  warningSection,
} from './sections.js';
import { stylesheet } from './stylesheet.js';

/**
 * The report as one HTML file that needs nothing else: style and charts are inside, there is no
 * script, and every name is escaped. Equal reports give equal bytes.
 *
 * @param options.trust what past validations say of predictions like this one
 *
 * Import this module only when a page is wanted: it loads the chart library (about 0.2 s).
 */
export function reportToHtml(report: RunReport, options: { readonly trust?: string } = {}): string {
  const title = `${report.summary.scenario} · perseus`;
  const page = html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${new Markup(stylesheet)}</style>
</head>
<body>
<main>
<h1>${report.summary.scenario}</h1>
<p class="quiet">${runDescription(report)}</p>
${sections(report, options.trust)}
</main>
</body>
</html>
`;
  return page.source;
}

function sections(report: RunReport, trust: string | undefined): readonly (Markup | undefined)[] {
  return [
    answerSection(report),
    latencySection(report),
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
