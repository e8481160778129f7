import stringWidth from 'string-width';
import { printable } from '../../base/printable.js';

/** Terminal columns of a text where nobody says how many there are. */
export const USUAL_WIDTH = 100;

/** Latin letters, `±`, `…`, `≤`: all of one column. The library looks 100 times longer at anything beyond ASCII. */
const NARROW = /^[\u0020-\u02ff\u2010-\u2027\u2260-\u2265]*$/;

/** Terminal columns that a printable text takes. */
export function widthOf(text: string): number {
  return NARROW.test(text) ? text.length : stringWidth(text);
}

/** The text cut to at most `width` columns, with `…` in place of what is missing; no character is cut apart. */
export function truncate(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let kept = '';
  let used = 1;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    used += widthOf(segment);
    if (used > width) break;
    kept += segment;
  }
  return `${kept}…`;
}

/** The text filled up with blanks to `width` columns. */
export function pad(text: string, width: number, align: 'left' | 'right'): string {
  const blanks = ' '.repeat(Math.max(width - widthOf(text), 0));
  return align === 'left' ? text + blanks : blanks + text;
}

/** Lines of at most `width` columns, broken at blanks, every line after the first indented. */
export function wrap(text: string, width: number, indent = ''): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of printable(text).split(' ')) {
    const start = line === '' && lines.length > 0 ? indent : line;
    const joined = start === '' || start === indent ? start + word : `${start} ${word}`;
    if (widthOf(joined) <= width || line === '') {
      line = truncate(joined, width);
    } else {
      lines.push(line);
      line = truncate(indent + word, width);
    }
  }
  return [...lines, line];
}
