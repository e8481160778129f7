import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildTrace } from '../../src/trace/build.js';
import { formatTraceCsv, parseTraceCsv } from '../../src/trace/csv.js';
import { parseNumber } from '../../src/trace/number.js';
import { anyTrace, problemsOf } from './arbitrary-trace.js';

const EXAMPLE = 'arrival_us,tenant,batch_size\n0,a,1\n1500,"b, c",2\n1500,a,\n';

describe('a trace as CSV', () => {
  test('comes back as it was, whatever is in it', () => {
    fc.assert(
      fc.property(anyTrace, (trace) => void expect(parseTraceCsv(formatTraceCsv(trace))).toEqual(trace)),
    );
  });

  test('is a plain table where the rows say it all', () => {
    const trace = buildTrace({ arrivalUs: [0, 7], tenants: ['a', 'b'], tenant: [0, 1], batchSize: [1, 4] });
    expect(formatTraceCsv(trace)).toBe('arrival_us,tenant,batch_size\n0,a,1\n7,b,4\n');
  });

  test('has names as they are, also those that a spreadsheet would take for a formula: it is read back', () => {
    const trace = buildTrace({ arrivalUs: [0, 7], tenants: ['=a', '-b'], tenant: [0, 1] });
    expect(formatTraceCsv(trace)).toBe('arrival_us,tenant\n0,=a\n7,-b\n');
  });

  test('says above the header what the rows cannot say', () => {
    const trace = buildTrace({ arrivalUs: [7], tenants: ['a', 'idle'], durationUs: 9, source: 'x' });
    expect(formatTraceCsv(trace)).toBe(
      '# trace {"tenants":["a","idle"],"duration_us":9,"source":"x"}\narrival_us,tenant\n7,a\n',
    );
  });

  test('may have quoted cells, empty cells, CRLF, a byte order mark, comments, blank lines and no last line end', () => {
    const expected = parseTraceCsv(EXAMPLE);
    expect(expected.tenants).toEqual(['a', 'b, c']);
    expect(expected.batchSize).toEqual(Uint16Array.of(1, 2, 0));
    const variants = [
      EXAMPLE.replaceAll('\n', '\r\n'),
      `\ufeff${EXAMPLE}`,
      `# made by hand\n\n${EXAMPLE}\n \n`,
      EXAMPLE.trimEnd(),
      ' arrival_us , tenant, batch_size\n0.0,a,1\n1.5e3,"b, c",2\n 1500 ,a,\n',
    ];
    for (const variant of variants) expect(parseTraceCsv(variant)).toEqual(expected);
  });

  test('may leave the tenant of a row empty, which is then the one of rows that name none', () => {
    const text = 'arrival_us,tenant\n1,a\n2,\n';
    expect(parseTraceCsv(text).tenants).toEqual(['a', 'default']);
    expect(parseTraceCsv(text, { tenant: 'me' }).tenants).toEqual(['a', 'me']);
  });

  test('may have its columns in any order, and no tenant', () => {
    const trace = parseTraceCsv('priority,arrival_us\n1,10\n,20\n', { tenant: 'me' });
    expect(trace.tenants).toEqual(['me']);
    expect(trace.priority).toEqual(Uint32Array.of(1, 0));
  });

  test('has what is no number told as it was written', () => {
    const problems = problemsOf(() => parseTraceCsv('arrival_us,batch_size\n0,1\n1 s,-1\n2,two\n'));
    expect(problems.map(({ line, path, what }) => [line, path, what.split(' is not ')[0]])).toEqual([
      [3, 'arrival_us', '"1 s"'],
      [3, 'batch_size', '-1'],
      [4, 'batch_size', '"two"'],
    ]);
  });

  test('has an unknown column told by a name that is short, however long the name', () => {
    const [problem] = problemsOf(() => parseTraceCsv(`arrival_us,${'x'.repeat(100_000)}\n`));
    expect(problem?.path?.length).toBeLessThan(100);
  });

  test('has its mistakes told by file and line', () => {
    const text = 'arrival_us,tenant\n1,a\nx,a\n,a\n0x10,a\n1,"b\nc"\n2\n9007199254740993,a\n';
    const problems = problemsOf(() => parseTraceCsv(text, { file: 't.csv' }));
    expect(problems.every(({ file }) => file === 't.csv')).toBe(true);
    expect(problems.map(({ line, path }) => [line, path])).toEqual([
      [3, 'arrival_us'],
      [4, 'arrival_us'],
      [5, 'arrival_us'],
      [8, undefined],
      [9, 'arrival_us'],
    ]);
  });

  test('has wrong facts, wrong rows, rows out of order and an open quote told at once', () => {
    const linesOf = (text: string) => problemsOf(() => parseTraceCsv(text)).map(({ line }) => line);
    expect(linesOf('# trace {"source": 1}\narrival_us,tenant\n-1,a\n2\n3,"a\n')).toEqual([1, 3, 4, 5]);
    expect(linesOf('# trace {"source": 1}\narrivals\n-1\n')).toEqual([1, 2, 2]);
    expect(linesOf('arrival_us,tenant\n5,a\n2\n3,a\n')).toEqual([3, 4]);
  });

  test('has a mistyped column pointed out', () => {
    const problems = problemsOf(() => parseTraceCsv('arrival_us,batchsize,batchsize\n'));
    expect(problems[0]).toMatchObject({ line: 1, path: 'batchsize', remedy: 'did you mean batch_size?' });
    expect(problemsOf(() => parseTraceCsv('arrival_us;tenant\n'))[0]?.remedy).toMatch(/^put commas/);
    expect(problemsOf(() => parseTraceCsv(''))[0]?.what).toBe('the file has no header');
    expect(problemsOf(() => parseTraceCsv('tenant\na\n'))[0]?.what).toBe('the column arrival_us is missing');
    expect(problemsOf(() => parseTraceCsv('when,whose,how long\n1,a,2\n'))).toEqual([
      expect.objectContaining({
        remedy: expect.stringMatching(/; perseus trace import reads other tables$/),
      }),
    ]);
    expect(problemsOf(() => parseTraceCsv('arrival_us,arrival_us\n'))[0]?.what).toMatch(/there twice/);
  });

  test.each([
    ['# trace {"duration_us": "long"}\n', 'duration_us'],
    ['# trace {"tenants": [1]}\n', 'tenants'],
    ['# trace {"source": 1}\n', 'source'],
    ['# trace {"duration_us": -1}\n', 'duration_us'],
    ['# trace {duration}\n', undefined],
  ])('refuses wrong facts: %s', (line, path) => {
    expect(problemsOf(() => parseTraceCsv(`${line}${EXAMPLE}`))[0]?.path).toBe(path);
  });

  test.each(['arrival_us,tenant\n1,"a\n', 'arrival_us,tenant\n1,"a"b\n'])(
    'refuses broken quotes: %j',
    (text) => {
      expect(problemsOf(() => parseTraceCsv(text))[0]?.line).toBe(2);
    },
  );
});

describe('numbers in text', () => {
  test.each(['', ' ', '0x10', 'Infinity', 'NaN', '1_000', '1,5', '--1', '1e', '.', 'e5'])(
    '%j is none',
    (text) => {
      expect(parseNumber(text)).toBeNaN();
    },
  );

  test('are what Number makes of them', () => {
    const number = fc.oneof(
      fc.nat(),
      fc.maxSafeInteger(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
    );
    fc.assert(
      fc.property(number, (value) => void expect(parseNumber(` ${value} `)).toBe(Number(String(value)))),
    );
    fc.assert(fc.property(fc.maxSafeNat(), (value) => void expect(parseNumber(String(value))).toBe(value)));
  });
});
