import { InputError, type Place } from '../base/problem.js';

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
 * @throws InputError on a quoted cell that never ends, or with text after its closing quote
 */
export function forEachCsvRow(text: string, handler: CsvHandler, place: Place = {}): void {
  let at = text.charCodeAt(0) === BYTE_ORDER_MARK ? 1 : 0;
  let line = 1;
  let isBeforeRows = true;
  while (at < text.length) {
    const end = lineEnd(text, at);
    const content = withoutReturn(text.slice(at, end));
    if (isBeforeRows && handler.comment !== undefined && content.startsWith('#')) {
      handler.comment(content, line);
    } else if (content.includes('"')) {
      isBeforeRows = false;
      const quoted = readQuotedRow(text, at, { ...place, line });
      handler.row(quoted.cells, line);
      at = quoted.end;
      line += quoted.lines;
      continue;
    } else if (content.trim() !== '') {
      isBeforeRows = false;
      handler.row(content.split(','), line);
    }
    at = end + 1;
    line++;
  }
}

const BYTE_ORDER_MARK = 0xfeff;
const QUOTE = '"';

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

function readQuotedRow(text: string, from: number, place: Place): QuotedRow {
  const cells: string[] = [];
  let at = from;
  let lines = 1;
  for (;;) {
    const cell = text[at] === QUOTE ? readQuotedCell(text, at, place) : readPlainCell(text, at);
    cells.push(cell.content);
    lines += countNewlines(cell.content);
    if (text[cell.end] !== ',') return { cells, end: cell.end + 1, lines };
    at = cell.end + 1;
  }
}

interface Cell {
  readonly content: string;
  /** Position of the comma or line feed after it, or the end of the text. */
  readonly end: number;
}

function readPlainCell(text: string, from: number): Cell {
  const comma = text.indexOf(',', from);
  const newline = lineEnd(text, from);
  if (comma !== -1 && comma < newline) return { content: text.slice(from, comma), end: comma };
  return { content: withoutReturn(text.slice(from, newline)), end: newline };
}

function readQuotedCell(text: string, from: number, place: Place): Cell {
  let close = text.indexOf(QUOTE, from + 1);
  while (close !== -1 && text[close + 1] === QUOTE) close = text.indexOf(QUOTE, close + 2);
  if (close === -1) throw InputError.of('a quoted cell does not end', 'add the closing quote', place);
  const content = text.slice(from + 1, close).replaceAll('""', QUOTE);
  const end = text[close + 1] === '\r' && text[close + 2] === '\n' ? close + 2 : close + 1;
  if (end < text.length && text[end] !== ',' && text[end] !== '\n') {
    throw InputError.of('text follows a closing quote', 'double the quotes inside a cell', place);
  }
  return { content, end };
}

function countNewlines(content: string): number {
  let lines = 0;
  for (let at = content.indexOf('\n'); at !== -1; at = content.indexOf('\n', at + 1)) lines++;
  return lines;
}
