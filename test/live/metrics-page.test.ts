import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/base/problem.js';
import { parseMetricsPage } from '../../src/live/metrics-page.js';
import { cases } from '../support/cases.js';

const samplesOf = (text: string) =>
  [...parseMetricsPage(text).values()]
    .flat()
    .map(({ name, labels, value, timestampMs }) => [name, Object.fromEntries(labels), value, timestampMs]);

describe('a page of metrics', () => {
  it('has the samples of each metric, and passes over comments', () => {
    const page = parseMetricsPage(
      [
        '# HELP nv_inference_count Number of inferences, "as is" \\\\ and\\nmore',
        '# TYPE nv_inference_count counter',
        'nv_inference_count{model="resnet",version="1"} 17',
        'nv_inference_count{model="bert",version="2"} 3.5e3 1395066363000',
        '',
        '# any other comment',
        'up 1',
      ].join('\n'),
    );
    expect([...page.keys()]).toEqual(['nv_inference_count', 'up']);
    const samples = page.get('nv_inference_count')!;
    expect(
      samples.map(({ labels, value, timestampMs }) => [labels.get('model'), value, timestampMs]),
    ).toEqual([
      ['resnet', 17, undefined],
      ['bert', 3500, 1395066363000],
    ]);
  });

  it.each([
    ['1', 1],
    ['-1.5e-3', -0.0015],
    ['.5', 0.5],
    ['5.', 5],
    ['+Inf', Number.POSITIVE_INFINITY],
    ['-Inf', Number.NEGATIVE_INFINITY],
    ['inf', Number.POSITIVE_INFINITY],
    ['Nan', Number.NaN],
    ['nan', Number.NaN],
  ])('may have the value %s', (text, value) => {
    expect(samplesOf(`a ${text}`)).toEqual([['a', {}, value, undefined]]);
  });

  it('may have anything inside a label, with escapes for quote, backslash and line feed', () => {
    expect(samplesOf('a{ b = "x\\"y\\\\z\\n{},=" , c="}" , } 1 -5')).toEqual([
      ['a', { b: 'x"y\\z\n{},=', c: '}' }, 1, -5],
    ]);
    expect(samplesOf('a{}1')).toEqual([['a', {}, 1, undefined]]);
  });

  it.each([
    ['a', /is no line/],
    ['a 1 2 3', /is no line/],
    ['1a 1', /is no line/],
    ['a 0x10', /"0x10" is no number/],
    ['a{b=1} 1', /its labels/],
    ['a{b="1" c="2"} 1', /its labels/],
    ['a{b="1",b="2"} 1', /the label b is given twice/],
    ['a{b="1} 1', /is no line|its labels/],
    ['<!DOCTYPE html>', /is no line/],
  ])('is refused with the line "%s"', (line, message) => {
    expect(() => parseMetricsPage(`ok 1\n${line}\n`, 'page')).toThrow(message);
    expect(() => parseMetricsPage(`ok 1\n${line}\n`, 'page')).toThrow(/^page:2: /);
  });

  it('is refused with all its bad lines, up to a limit', () => {
    const problems = (text: string) => {
      try {
        parseMetricsPage(text);
        return 0;
      } catch (error) {
        return (error as InputError).problems.length;
      }
    };
    expect(problems('a\nb 1\nc\n')).toBe(2);
    expect(problems('a\n'.repeat(1000))).toBe(20);
  });

  it('gives back every label and value that was written', () => {
    const name = fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,8}$/);
    const escaped = (text: string) => text.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n');
    // A carriage return cannot be written in this format: it ends the line for a reader of text.
    const label = fc.string({ unit: 'binary' }).map((text) => text.replace(/\r/g, ''));
    const sample = fc.record({
      name,
      labels: fc.dictionary(name, label, { noNullPrototype: true }),
      value: fc.double(),
    });
    fc.assert(
      fc.property(sample, ({ name, labels, value }) => {
        const pairs = Object.entries(labels).map(([key, text]) => `${key}="${escaped(text)}"`);
        const number = Number.isFinite(value)
          ? String(value)
          : Number.isNaN(value)
            ? 'NaN'
            : `${value < 0 ? '-' : '+'}Inf`;
        const [read] = samplesOf(`${name}{${pairs.join(',')}} ${number}`);
        expect(read).toEqual([name, labels, Object.is(value, -0) ? 0 : value, undefined]);
      }),
      { numRuns: cases(500) },
    );
  });

  it('is read or refused as bad input, whatever it is, and in time', () => {
    const line = fc.oneof(
      fc.string(),
      fc.stringMatching(/^[a-z_]{1,3}[{}="\\,a ]{0,12} ?[0-9.eInfNa+-]{0,6}$/),
      fc.constantFrom('# TYPE a histogram', 'a_sum 1', 'a{b="c"} 1', '# HELP', '#', '{', 'a{'),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
        try {
          parseMetricsPage(lines.join('\n'));
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
        }
      }),
      { numRuns: cases(1000) },
    );
    for (const long of [' ', '1', '}', '{', '\\', '"', 'a="b",', 'a']) {
      const text = `a${long === ' ' ? ' ' : '{'}${long.repeat(50_000)}x y`;
      expect(() => parseMetricsPage(text)).toThrow(InputError);
    }
  });
});
