import { html, Markup } from './markup.js';

/** Width of a chart, and of one beside another. */
export const WHOLE = 1000;
export const HALF = 488;

/** A chart (the source of an `<svg>` drawn by us, so already escaped) with an optional caption. */
export function figure(svg: string, caption?: string): Markup {
  const below = caption === undefined ? undefined : html`<figcaption>${caption}</figcaption>`;
  return html`<figure>${new Markup(svg)}${below}</figure>\n`;
}
