import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { type ChartTheme, paperTheme } from './theme.js';

export interface ChartOptions {
  /** Pixels; a page may scale it down. */
  readonly width?: number;
  readonly theme?: ChartTheme;
}

export const DEFAULT_WIDTH = 860;

const FONT_SIZE = 12;

/** Everything about a chart but its marks: what Plot takes, less what {@link renderChart} decides. */
export type ChartFrame = Omit<Plot.PlotOptions, 'document' | 'style' | 'width' | 'marks' | 'ariaLabel'> & {
  /** What the chart shows, for those who cannot see it. */
  readonly description: string;
  readonly marks: readonly Plot.Markish[];
};

/** Draws with Plot on a DOM without a browser; gives one `<svg>` element that needs nothing else. */
export function renderChart(frame: ChartFrame, options: ChartOptions): string {
  const { theme = paperTheme, width = DEFAULT_WIDTH } = options;
  const { description, marks, ...plotOptions } = frame;
  const { document } = parseHTML('<html><body></body></html>');
  const svg = Plot.plot({
    ...plotOptions,
    document,
    className: 'chart',
    ariaLabel: escapesAttributes(document) ? description : escapeMarkup(description),
    width,
    style: {
      background: theme.paper,
      color: theme.ink,
      fontSize: `${FONT_SIZE}px`,
      fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif',
      overflow: 'visible',
    },
    marks: [...marks],
  });
  for (const element of svg.querySelectorAll('*')) roundCoordinates(element);
  svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  svg.setAttribute('role', 'img');
  return svg.outerHTML;
}

/** A browser's DOM does; linkedom escapes quotes alone: no XML, with a name such as `a < b` in it. */
function escapesAttributes(document: Document): boolean {
  const element = document.createElement('p');
  element.setAttribute('title', '&');
  return element.outerHTML.includes('&amp;');
}

function escapeMarkup(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

const COORDINATES = [
  'd',
  'points',
  'transform',
  'x',
  'y',
  'x1',
  'x2',
  'y1',
  'y2',
  'cx',
  'cy',
  'width',
  'height',
  'fill-opacity',
];

/** A hundredth of a pixel is plenty, and leaves out the digits in which platforms may differ. */
function roundCoordinates(element: Element): void {
  for (const name of COORDINATES) {
    const value = element.getAttribute(name);
    if (value === null) continue;
    element.setAttribute(
      name,
      value.replace(/-?\d*\.\d{3,}(e-?\d+)?/g, (number) => String(Number(Number(number).toFixed(2)))),
    );
  }
}

interface Document {
  createElement(name: string): Element & { readonly outerHTML: string };
}

interface Element {
  getAttribute(name: string): string | null;
  setAttribute(name: string, value: string): void;
}

/** Pixels above the frame: the vertical axis's label, and a legend of that height. */
export function marginTopFor(legendHeight: number): number {
  return 30 + legendHeight;
}

/** Pixels that a text of the chart's font takes, on the large side: there is no font to measure with. */
export function textWidth(text: string): number {
  return text.length * FONT_SIZE * 0.57;
}

/** Left margin that holds the longest of the labels. */
export function marginFor(labels: readonly string[]): number {
  return Math.ceil(Math.max(40, ...labels.map((label) => textWidth(label) + 16)));
}
