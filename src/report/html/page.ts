import { runDescription } from '../provenance.js';
import type { RunReport, TrustNote } from '../run-report.js';
import { htmlDocument } from './document.js';
import { html, Markup } from './markup.js';
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

export interface HtmlOptions extends TrustNote {
  /** The what-if page of the run, as a zlib stream in base64; null says how to open it. */
  readonly page?: string | null;
}

/**
 * The report as one HTML file that needs nothing else: style and charts are inside, and every name is escaped.
 * There is no script but that which opens the page. Equal reports give equal bytes.
 *
 * Import this module only when a page is wanted: it loads the chart library (about 0.2 s).
 */
export function reportToHtml(report: RunReport, options: HtmlOptions = {}): string {
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

/**
 * A button that puts the what-if page in place of the report, and the page itself. A link that was shared from there
 * opens it at once.
 * @param page the page as a zlib stream in base64
 */
function aliveSection(page: string): Markup {
  return html`<p><button type="button" id="alive" hidden>Change load or placement, and see what comes of it</button></p>
<script type="text/plain" id="page">${new Markup(page)}</script>
<script>${new Markup(SCRIPT)}</script>`;
}

const SCRIPT = `
const button = document.querySelector('#alive');
const comeAlive = async () => {
  const packed = Uint8Array.from(atob(document.querySelector('#page').textContent), (letter) => letter.charCodeAt(0));
  const unpacked = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate'));
  const page = await new Response(unpacked).text();
  document.open();
  document.write(page);
  document.close();
};
button.hidden = false;
button.onclick = comeAlive;
if (location.hash.startsWith('#s=')) comeAlive();
`;

/** Where the page is not at hand. */
const openSection = html`<p class="quiet"><code>perseus open</code> with the folder of this report shows the run as a page in which you change load and placement.</p>`;
