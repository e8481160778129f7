import { plural } from '../base/plural.js';
import { InputError, type Place } from '../base/problem.js';
import { BYTE_ORDER_MARK, requireEnd } from './text-lines.js';

/** What is done with each line of a CSV text. */
export interface CsvHandler {
  /** The cells of a row, and its 1-based line (the first, where a quoted cell spans several). */
  row(cells: string[], line: number): void;
  /** A line that starts with `#`, before the first row. Without a handler it is a row. */
  comment?(text: string, line: number): void;
}

/**
 * Walks through the rows of a CSV text (RFC 4180: cells may be quoted, quotes inside are doubled).
 * Takes what real files have: a byte order mark, CRLF, blank lines, no line end after the last row.
 *
 * @throws InputError on a quoted cell that never ends, with text after its closing quote, and on a row without end
 */
export function forEachCsvRow(text: string, handler: CsvHandler, place: Place = {}, separator = ','): void {
  const rows = new CsvRows(handler, place, separator);
  rows.push(text);
  rows.finish();
}

/** What stands between the cells of a table with this header: spreadsheets of many countries write semicolons. */
export function separatorOf(header: string): string {
  const bare = header.replace(/"[^"]*"/g, '');
  const cells = (separator: string) => bare.split(separator).length;
  return [',', ';', '\t'].reduce((most, other) => (cells(other) > cells(most) ? other : most));
}

/** What is wrong with a row that has not as many cells as the header. */
export function wrongCells({ length }: readonly string[], wanted: number) {
  return {
    what: `${length} ${plural(length, 'cell')} where the header has ${wanted}`,
    remedy: 'write one for each column, in quotes where it holds a separator',
  };
}

/** As {@link forEachCsvRow}, of a text that comes piece by piece, cut anywhere. */
export class CsvRows {
  readonly #handler: CsvHandler;
  readonly #place: Place;
  readonly #separator: string;
  #line = 1;
  #isBeforeText = true;
  #isBeforeRows = true;
  /** What came and is not a whole row yet. */
  #rest = '';
  /** A row that spans lines is looked at again when twice as much of it has come: else a long one would take long. */
  #enough = 0;

  constructor(handler: CsvHandler, place: Place = {}, separator = ',') {
    this.#handler = handler;
    this.#place = place;
    this.#separator = separator;
  }

  push(piece: string): void {
    // Not looked into before it has a line end: a text is put together only then.
    this.#rest += this.#isBeforeText ? withoutMark(piece) : piece;
    this.#isBeforeText &&= piece === '';
    if (piece.includes('\n') && this.#rest.length >= this.#enough) this.#read(this.#rest, false);
    requireEnd(this.#rest, { ...this.#place, line: this.#line });
  }

  finish(): void {
    this.#read(this.#rest, true);
  }

  /** Hands the whole rows on, and keeps the rest. */
  #read(text: string, isLast: boolean): void {
    let at = 0;
    while (at < text.length) {
      const newline = text.indexOf('\n', at);
      if (newline === -1 && !isLast) break;
      const end = newline === -1 ? text.length : newline;
      const content = withoutReturn(text.slice(at, end));
      if (this.#isBeforeRows && this.#handler.comment !== undefined && content.startsWith('#')) {
        this.#handler.comment(content, this.#line);
      } else if (content.includes(QUOTE)) {
        const quoted = this.#quotedRow(text, at, isLast);
        if (quoted === undefined) {
          this.#enough = 2 * (text.length - at);
          break;
        }
        this.#isBeforeRows = false;
        this.#handler.row(quoted.cells, this.#line);
        at = quoted.end;
        this.#line += quoted.lines;
        continue;
      } else if (content.trim() !== '') {
        this.#isBeforeRows = false;
        this.#handler.row(content.split(this.#separator), this.#line);
      }
      at = end + 1;
      this.#line++;
    }
    this.#rest = text.slice(at);
  }

  #quotedRow(text: string, from: number, isLast: boolean): QuotedRow | undefined {
    const form = { isLast, separator: this.#separator, place: { ...this.#place, line: this.#line } };
    return readQuotedRow(text, from, form);
  }
}

const QUOTE = '"';

function withoutMark(text: string): string {
  return text.charCodeAt(0) === BYTE_ORDER_MARK ? text.slice(1) : text;
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end === -1 ? text.length : end;
}

function withoutReturn(content: string): string {
  return content.endsWith('\r') ? content.slice(0, -1) : content;
}

interface QuotedRow {
  readonly cells: string[];
  /** Where the next row begins. */
  readonly end: number;
  /** Lines that the row spans. */
  readonly lines: number;
}

interface Form {
  readonly isLast: boolean;
  readonly separator: string;
  readonly place: Place;
}

/** Undefined where the row may go on in text that is still to come. */
function readQuotedRow(text: string, from: number, form: Form): QuotedRow | undefined {
  const cells: string[] = [];
  let at = from;
  let lines = 1;
  for (;;) {
    const isQuoted = text[at] === QUOTE;
    const cell = isQuoted ? readQuotedCell(text, at, form) : readPlainCell(text, at, form.separator);
    if (cell === undefined || (!form.isLast && cell.end >= text.length)) return undefined;
    cells.push(cell.content);
    lines += countNewlines(cell.content);
    if (text[cell.end] !== form.separator) return { cells, end: cell.end + 1, lines };
    at = cell.end + 1;
  }
}

interface Cell {
  readonly content: string;
  /** Position of the separator or line feed after it, or the end of the text. */
  readonly end: number;
}

function readPlainCell(text: string, from: number, separator: string): Cell {
  const end = text.indexOf(separator, from);
  const newline = lineEnd(text, from);
  if (end !== -1 && end < newline) return { content: text.slice(from, end), end };
  return { content: withoutReturn(text.slice(from, newline)), end: newline };
}

function readQuotedCell(text: string, from: number, form: Form): Cell | undefined {
  const { isLast, separator, place } = form;
  let close = text.indexOf(QUOTE, from + 1);
  while (close !== -1 && text[close + 1] === QUOTE) close = text.indexOf(QUOTE, close + 2);
  // A doubled quote and a line end take the next two characters to tell.
  if (!isLast && (close === -1 || close + 2 >= text.length)) return undefined;
  if (close === -1) throw InputError.of('a quoted cell does not end', 'add the closing quote', place);
  const content = text.slice(from + 1, close).replaceAll('""', QUOTE);
  const end = text[close + 1] === '\r' && text[close + 2] === '\n' ? close + 2 : close + 1;
  if (end < text.length && text[end] !== separator && text[end] !== '\n') {
    throw InputError.of('text follows a closing quote', 'double the quotes inside a cell', place);
  }
  return { content, end };
}

function countNewlines(content: string): number {
  let lines = 0;
  for (let at = content.indexOf('\n'); at !== -1; at = content.indexOf('\n', at + 1)) lines++;
  return lines;
}
