import { html, Markup } from './markup.js';

/** Width of a chart, and of one beside another. */
export const WHOLE = 1000;
export const HALF = 488;

/** A chart (the source of an `<svg>` drawn by us, so already escaped) with an optional caption. */
export function figure(svg: string, caption?: string): Markup {
  const below = caption === undefined ? undefined : html`<figcaption>${caption}</figcaption>`;
  // A picture has one name; what Plot calls its parts says nothing to anybody.
  const chart = svg.replaceAll(/(<g\b[^>]*) aria-label="[^"]*"/g, '$1');
  // A small screen has no room for a wide one: it scrolls, by keys, too.
  const tab = svg.includes(` width="${HALF}"`) ? undefined : new Markup(' tabindex="0"');
  return html`<figure${tab}>${new Markup(chart)}${below}</figure>\n`;
}
