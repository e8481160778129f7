import { html, Markup } from './markup.js';

/**
 * A button that puts the what-if page in place of the report, and the page itself. A link that was shared from there
 * opens it at once.
 * @param page the page as a zlib stream in base64
 */
export function aliveSection(page: string): Markup {
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
export const openSection = html`<p class="quiet"><code>perseus open</code> with the folder of this report shows the run as a page in which you change load and placement.</p>`;
