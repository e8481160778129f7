import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatTraceJsonl, parseTraceJsonl } from '../../src/trace/jsonl.js';
import { anyTrace, problemsOf } from './arbitrary-trace.js';

const EXAMPLE = '{"arrival_us":0,"tenant":"a"}\n{"arrival_us":1500,"tenant":"b","batch_size":2}\n';

describe('a trace as JSON Lines', () => {
  test('comes back as it was, whatever is in it', () => {
    fc.assert(
      fc.property(anyTrace, (trace) => void expect(parseTraceJsonl(formatTraceJsonl(trace))).toEqual(trace)),
    );
  });

  test('may leave a key out in some rows', () => {
    const text = `${EXAMPLE}{"arrival_us":1500,"batch_size":null}\r\n\n{"tenant":null,"arrival_us":1501}`;
    const trace = parseTraceJsonl(`\ufeff${text}`, { tenant: 'c' });
    expect(trace.tenants).toEqual(['a', 'b', 'c']);
    expect(trace.batchSize).toEqual(Uint16Array.of(0, 2, 0, 0));
    expect(trace.tenant).toEqual(Uint16Array.of(0, 1, 2, 2));
  });

  test('has its mistakes told by file and line', () => {
    const lines = [
      '{"arrival_us":1}',
      '{"arrival_us":2',
      '[]',
      '{"tenant":"a"}',
      '{"arrival_us":3,"batch":1}',
      '{"arrival_us":4,"tenant":5}',
    ];
    const problems = problemsOf(() => parseTraceJsonl(lines.join('\n'), { file: 't.jsonl' }));
    expect(problems.map(({ file, line, path }) => [file, line, path])).toEqual([
      ['t.jsonl', 2, undefined],
      ['t.jsonl', 3, undefined],
      ['t.jsonl', 4, 'arrival_us'],
      ['t.jsonl', 5, 'batch'],
      ['t.jsonl', 6, 'tenant'],
    ]);
  });

  test('has wrong facts, wrong lines and wrong values told at once', () => {
    const lines = ['{"trace":{"source":1}}', '{"arrival_us":"2"}', '[]', '{"priority":-1}', 'nope'];
    const problems = problemsOf(() => parseTraceJsonl(lines.join('\n')));
    expect(problems.map(({ line, path }) => [line, path])).toEqual([
      [1, 'source'],
      [2, 'arrival_us'],
      [3, undefined],
      [4, 'arrival_us'],
      [4, 'priority'],
      [5, undefined],
    ]);
    expect(problems[3]).toMatchObject({ what: 'is missing' });
  });

  test('a number written as text is not a number', () => {
    expect(problemsOf(() => parseTraceJsonl('{"arrival_us":"5"}'))[0]?.what).toMatch(
      /^"5" is not a whole number/,
    );
    expect(problemsOf(() => parseTraceJsonl('{"arrival_us":5,"priority":[1]}'))[0]?.path).toBe('priority');
    expect(problemsOf(() => parseTraceJsonl('{"arrival_us":5,"tenant":{"name":"a"}}'))[0]?.what).toBe(
      '{"name":"a"} is not a name',
    );
  });
});
