import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvField, csvOf, tableField } from '../../src/base/csv.js';
import { cases } from '../support/cases.js';

/** Texts made of what formulas, numbers and fields begin with and hold. */
const text = fc.oneof(
  fc.string({ unit: fc.constantFrom(...'\'=+-@\t\r\n,"019.e '), maxLength: 6 }),
  fc.string({ maxLength: 20 }),
);

/** What stands in a field, as RFC 4180 reads it: shares nothing with the writer. */
function read(field: string): string {
  return field.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field;
}

describe('a table for people', () => {
  it.each([
    ['=HYPERLINK("http://evil","resnet")', `"'=HYPERLINK(""http://evil"",""resnet"")"`],
    ['+1+cmd', "'+1+cmd"],
    ['-night-job', "'-night-job"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', "'\t=1"],
    ['\r=1', `"'\r=1"`],
  ])('has %j as a text, which a spreadsheet would run as a formula', (name, field) => {
    expect(csvOf([name], [[name, 1]])).toBe(`${field}\r\n${field},1\r\n`);
  });

  it('has numbers as they are, also those that stand as text', () => {
    expect(csvOf(['a', 'b', 'c', 'd'], [[-5, -1.5e-7, '-5', '+.5E-3']])).toBe(
      'a,b,c,d\r\n-5,-1.5e-7,-5,+.5E-3\r\n',
    );
  });

  it('has no text that begins like a formula, unless it is a number', () => {
    fc.assert(
      fc.property(text, (value) => {
        const shown = read(tableField(value));
        expect(/^[=+\-@\t\r\n]/.test(shown) && !Number.isFinite(Number(shown))).toBe(false);
      }),
      { numRuns: cases(2000) },
    );
  });

  it('has every other text as it is, and from each field the text can be told', () => {
    fc.assert(
      fc.property(text, (value) => {
        const shown = read(tableField(value));
        expect(shown.replace(/^'(?='*[=+\-@\t\r\n])/, '')).toBe(value);
        if (!/^'*[=+\-@\t\r\n]/.test(value)) expect(tableField(value)).toBe(csvField(value));
      }),
      { numRuns: cases(2000) },
    );
  });
});
