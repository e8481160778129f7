import type { Tone } from '../tables/table.js';

/** Makes a piece of text strike the reader as its tone says, without changing its width. */
export type Style = (text: string, tone: Tone | 'heading') => string;

/** No styling: for files, pipes and terminals without colour. */
export const plainStyle: Style = (text) => text;

/** GitHub's Markdown, for comments on pull requests: tables and headings as it writes them. */
export const markdownStyle: Style = (text, tone) => {
  if (tone === 'heading') return `#### ${text}`;
  return tone === 'bad' ? `**${text}**` : text;
};

const ANSI: Record<Tone | 'heading', readonly [on: number, off: number] | undefined> = {
  plain: undefined,
  good: [32, 39],
  bad: [31, 39],
  quiet: [2, 22],
  heading: [1, 22],
};

/** Styling by ANSI escape codes (ECMA-48 SGR). */
const ansiStyle: Style = (text, tone) => {
  const codes = ANSI[tone];
  return codes === undefined ? text : `\u001b[${codes[0]}m${text}\u001b[${codes[1]}m`;
};

/** How a text for a terminal is laid out. */
export interface TextOptions {
  /** Use ANSI colours; off by default. */
  readonly colour?: boolean;
  /** Columns that a line may take, 100 by default. */
  readonly width?: number;
  /** As {@link markdownStyle} has it; lines are then not broken, which a width of Infinity says. */
  readonly markdown?: boolean;
}

/** The styling that options of a text ask for: by ANSI codes, in Markdown, or none. */
export function styleOf({ colour = false, markdown = false }: TextOptions): Style {
  if (markdown) return markdownStyle;
  return colour ? ansiStyle : plainStyle;
}
