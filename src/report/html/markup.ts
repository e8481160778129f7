import { printable } from '../../base/printable.js';

/** A piece of HTML that is safe to insert as it is. */
export class Markup {
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }
}

/** What may stand in a template: text and numbers are escaped, markup is not, lists are joined, undefined is nothing. */
export type Content = string | number | Markup | undefined | readonly Content[];

/** Template tag that escapes what is put into it: ``html`<p>${name}</p>` ``. */
export function html(literals: TemplateStringsArray, ...contents: readonly Content[]): Markup {
  const parts = literals.map((literal, i) => literal + (i < contents.length ? sourceOf(contents[i]) : ''));
  return new Markup(parts.join(''));
}

function sourceOf(content: Content): string {
  if (content === undefined) return '';
  if (content instanceof Markup) return content.source;
  if (typeof content === 'object') return content.map(sourceOf).join('');
  return escapeHtml(printable(String(content)));
}

const ESCAPES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character]!);
}
