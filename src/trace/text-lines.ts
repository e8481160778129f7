import { InputError, type Place } from '../base/problem.js';

/** Longer than any line of a table, or the names of all tenants that stand above it. */
export const LONGEST_LINE = 2 ** 26;

/** The lines of a text that comes piece by piece, cut anywhere, with their 1-based numbers; without a byte order mark. */
export class TextLines {
  readonly #onLine: (content: string, line: number) => void;
  readonly #place: Place;
  #line = 0;
  #rest = '';

  constructor(onLine: (content: string, line: number) => void, place: Place = {}) {
    this.#onLine = onLine;
    this.#place = place;
  }

  /** @throws InputError on a line without end, and what `onLine` throws */
  push(piece: string): void {
    let at = 0;
    for (let end = piece.indexOf('\n'); end !== -1; end = piece.indexOf('\n', at)) {
      this.#tell(this.#rest + piece.slice(at, end));
      this.#rest = '';
      at = end + 1;
    }
    this.#rest += piece.slice(at);
    requireEnd(this.#rest, { ...this.#place, line: this.#line + 1 });
  }

  finish(): void {
    if (this.#rest !== '') this.#tell(this.#rest);
    this.#rest = '';
  }

  #tell(content: string): void {
    this.#line++;
    const isMarked = this.#line === 1 && content.charCodeAt(0) === BYTE_ORDER_MARK;
    this.#onLine(isMarked ? content.slice(1) : content, this.#line);
  }
}

export const BYTE_ORDER_MARK = 0xfeff;

/** @throws InputError where what is left of a text, and no whole line, is longer than any line */
export function requireEnd(rest: string, place: Place): void {
  if (rest.length <= LONGEST_LINE) return;
  const what = `a line goes on for more than ${LONGEST_LINE} characters`;
  throw InputError.of(what, 'check that the file is what its name says', place);
}
