import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError, problemsOf } from '../../src/base/problem.js';
import type { ReadOptions, TraceReader } from '../../src/trace/collect.js';
import { parseTraceCsv, traceCsvReader } from '../../src/trace/csv.js';
import { CsvRows, forEachCsvRow } from '../../src/trace/csv-rows.js';
import { beginImport, importTrace } from '../../src/trace/importers.js';
import { parseTraceJsonl, traceJsonlReader } from '../../src/trace/jsonl.js';
import { cases } from '../support/cases.js';

const csvText = fc
  .array(fc.constantFrom('"', '""', ',', '\n', '\r\n', '\r', 'a', '1', '23', '#', '\ufeff', ' '), {
    maxLength: 25,
  })
  .map((parts) => parts.join(''));

/** The text in pieces that begin at these shares of it. */
function cut(text: string, shares: readonly number[]): string[] {
  const at = [
    0,
    ...shares.map((share) => Math.floor(share * text.length)).sort((a, b) => a - b),
    text.length,
  ];
  return at.slice(1).map((end, i) => text.slice(at[i], end));
}
const shares = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 8 });

function outcomeOf<T>(read: () => T): unknown {
  try {
    return read();
  } catch (error) {
    return problemsOf(error);
  }
}

describe('a text that comes in pieces', () => {
  it('has the rows of the whole', () => {
    const rowsOf = (read: (handler: ConstructorParameters<typeof CsvRows>[0]) => void) => {
      const rows: unknown[] = [];
      const error = outcomeOf(() =>
        read({
          row: (cells, line) => rows.push([line, cells]),
          comment: (text, line) => rows.push([line, text]),
        }),
      );
      return [rows, error];
    };
    fc.assert(
      fc.property(csvText, shares, (text, at) => {
        const inPieces = rowsOf((handler) => {
          const rows = new CsvRows(handler);
          for (const piece of cut(text, at)) rows.push(piece);
          rows.finish();
        });
        expect(inPieces).toEqual(rowsOf((handler) => forEachCsvRow(text, handler)));
      }),
      { numRuns: cases(2000) },
    );
  });

  const formats: [string, (text: string) => unknown, (options: ReadOptions) => TraceReader, string][] = [
    ['CSV', parseTraceCsv, (options) => traceCsvReader(options), 'arrival_us,tenant\n'],
    ['JSON Lines', parseTraceJsonl, (options) => traceJsonlReader(options), '{"trace":{"tenants":["b"]}}\n'],
  ];
  it.each(formats)('gives the trace or the problems of the whole, as %s', (name, parse, begin, head) => {
    const row = (at: number) =>
      name === 'CSV' ? `${at},"a\n${at % 3}"` : `{"arrival_us":${at},"tenant":"é${at % 3}"}`;
    const text = fc
      .array(fc.oneof(fc.nat(50).map(row), fc.constantFrom('', 'x,y', '"', '{"arrival_us":"1"}')), {
        maxLength: 12,
      })
      .map((rows) => `\ufeff${head}${rows.join('\n')}`);
    fc.assert(
      fc.property(text, shares, (whole, at) => {
        const reader = begin({});
        const inPieces = outcomeOf(() => {
          for (const piece of cut(whole, at)) reader.push(piece);
          return reader.finish();
        });
        expect(inPieces).toEqual(outcomeOf(() => parse(whole)));
      }),
      { numRuns: cases(500) },
    );
  });
});

describe('a source whose text comes in pieces', () => {
  const sources: [string, string, readonly string[]][] = [
    ['azure-llm-2023', 't_s,ContextTokens', ['1.5,3', '0,"4\n5"', 'x,1', '2']],
    ['azure-functions-2021', 'app,func,end_s,duration_s', ['a,f,9,1', '"b",g,3,2', 'a,f,x,-1', 'a,f,1']],
    [
      'azure-functions-2019',
      'HashOwner,HashApp,HashFunction,Trigger,1,2',
      ['o,a,f,http,3,0', 'o,a,g,,0,2', 'o,a,g,,-1,'],
    ],
  ];
  it.each(sources)('gives the trace or the problems of the whole: %s', (from, head, rows) => {
    const text = fc
      .array(fc.constantFrom(...rows, rows[0]!, rows[0]!), { maxLength: 8 })
      .map((lines) => [head, ...lines].join('\r\n'));
    fc.assert(
      fc.property(text, shares, (whole, at) => {
        const reader = beginImport(from)!;
        const inPieces = outcomeOf(() => {
          for (const piece of cut(whole, at)) reader.push(piece);
          return reader.finish().trace;
        });
        expect(inPieces).toEqual(outcomeOf(() => importTrace(from, whole)));
      }),
      { numRuns: cases(200) },
    );
  });

  it('is none where the source is read as a whole', () => {
    expect(beginImport('counts')).toBeUndefined();
    expect(() => beginImport('count')).toThrow('did you mean counts?');
  });
});

it('a text of more tenants than a trace can hold is read no further than the first of them', () => {
  const reader = traceCsvReader();
  const rows = Array.from({ length: 65_537 }, (_, i) => `${i},t${i}\n`);
  expect(() => reader.push(`arrival_us,tenant\n${rows.join('')}`)).toThrow(InputError);
  expect(() => parseTraceCsv(`arrival_us,tenant\n${rows.join('')}`)).toThrow(
    /^65538: this row has one tenant more than the 65536 that a trace can hold/,
  );
});
