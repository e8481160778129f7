import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { parseDocumentWith } from '../../src/base/document.js';
import { formatProblem } from '../../src/base/problem.js';
import { cases } from '../support/cases.js';

const Slo = z.strictObject({ percentile: z.number().gt(0).max(100), limitMs: z.number().nonnegative() });
const Load = z.discriminatedUnion('mode', [
  z.strictObject({ mode: z.literal('open'), rate: z.number() }),
  z.strictObject({ mode: z.literal('closed'), concurrency: z.int().min(1) }),
]);
const Schema = z.strictObject({
  name: z.string().min(1),
  routing: z.enum(['random', 'roundRobin']).optional(),
  tenants: z.array(
    z.strictObject({
      slo: Slo.optional(),
      load: Load.optional(),
      size: z.union([z.number(), z.string()]).optional(),
    }),
  ),
});

function problemsIn(text: string): readonly string[] {
  return parseDocumentWith(Schema, text, { file: 's.yaml' }).problems.map(formatProblem);
}

describe('a document checked against a schema', () => {
  it('gives the value of a YAML text and of the same JSON text', () => {
    const value = { name: 'a', tenants: [{ slo: { percentile: 99, limitMs: 20 } }] };
    const yaml = 'name: a\ntenants:\n  - slo: {percentile: 99, limitMs: 20}\n';
    expect(parseDocumentWith(Schema, yaml).value).toEqual(value);
    expect(parseDocumentWith(Schema, JSON.stringify(value)).value).toEqual(value);
    expect(parseDocumentWith(Schema, JSON.stringify(value, null, '\t')).value).toEqual(value);
  });

  it('points at an unknown key itself and names the one that was meant', () => {
    expect(problemsIn('name: a\ntenants:\n  - slo:\n      percentile: 99\n      limitms: 20\n')).toEqual([
      's.yaml:4:7: tenants[0].slo.limitMs: missing; write a number',
      's.yaml:5:7: tenants[0].slo.limitms: unknown key `limitms`; write `limitMs`',
    ]);
  });

  it('lists the keys it knows when none is near', () => {
    expect(problemsIn('name: a\ntenants: []\ncolour: red\n')).toEqual([
      's.yaml:3:1: colour: unknown key `colour`; known here: `name`, `routing`, `tenants`',
    ]);
  });

  it('says of a field that stands in the wrong place where it belongs', () => {
    const text = 'name: a\ntenants:\n  - {routing: random}\nlimitMs: 20\nconcurrency: 3\n';
    const other = 'name: a\ntenants:\n  - load: {mode: open, rate: 1, concurrency: 3}\n';
    expect(problemsIn(other)).toEqual([
      's.yaml:3:33: tenants[0].load.concurrency: unknown key `concurrency`; known here: `mode`, `rate`',
    ]);
    expect(problemsIn(text)).toEqual([
      's.yaml:3:6: tenants[0].routing: unknown key `routing`; its place is at the top',
      's.yaml:4:1: limitMs: unknown key `limitMs`; its place is `tenants[].slo.limitMs`',
      's.yaml:5:1: concurrency: unknown key `concurrency`; its place is `tenants[].load.concurrency`',
    ]);
  });

  it('says of a merge key of YAML 1.1 what to write instead', () => {
    expect(problemsIn('name: a\ntenants: []\n<<: {routing: random}\n')).toEqual([
      's.yaml:3:1: ["<<"]: `<<` merges nothing here; write the fields out, or use an alias for a whole value',
    ]);
  });

  it('says of a comment of other languages how one is written', () => {
    const said =
      'neither // nor /* begins a comment here; begin it with #, or remove it; what follows it was not read';
    expect(problemsIn('{\n "name": "a", // of it\n "tenants": []\n}')).toEqual([
      's.yaml:1:1: tenants: missing; write a list',
      `s.yaml:2:15: ["// of it \\"tenants\\""]: ${said}`,
    ]);
  });

  it('reports every mistake in the order of the text', () => {
    const text = 'name: ""\nrouting: roundrobin\ntenants:\n  - slo: {percentile: 0, limitMs: .nan}\n  - 3\n';
    expect(problemsIn(text)).toEqual([
      's.yaml:1:7: name: the text has 0 characters; write at least 1',
      's.yaml:2:10: routing: the text "roundrobin" is not known here; write one of "random", "roundRobin"; did you mean "roundRobin"?',
      's.yaml:4:23: tenants[0].slo.percentile: 0 is out of range; write more than 0',
      's.yaml:4:35: tenants[0].slo.limitMs: NaN is not allowed here; write a number',
      's.yaml:5:5: tenants[1]: 3 is not allowed here; write named fields',
    ]);
  });

  it('names the choices of a tagged union and checks the fields of the one chosen', () => {
    const text =
      'name: a\ntenants:\n  - load: {mode: opne}\n  - load: {mode: closed, concurrency: 1.5}\n  - load: {}\n';
    expect(problemsIn(text)).toEqual([
      's.yaml:3:18: tenants[0].load.mode: the text "opne" is not known here; write one of "open", "closed"; did you mean "open"?',
      's.yaml:4:39: tenants[1].load.concurrency: 1.5 is not allowed here; write a whole number',
      's.yaml:5:11: tenants[2].load.mode: missing; write one of "open", "closed"',
    ]);
  });

  it('says which types a value may have when it has none of them', () => {
    expect(problemsIn('name: a\ntenants: [{size: [1]}]\n')).toEqual([
      's.yaml:2:18: tenants[0].size: a list is not allowed here; write a number or text',
    ]);
  });

  it('finds keys written twice, also inside lists', () => {
    expect(problemsIn('name: a\nname: b\ntenants: []\n')).toEqual([
      's.yaml:2:1: name: the key `name` is written twice; remove one of them',
    ]);
  });

  it('gives the place of a syntax error and of a second document', () => {
    expect(problemsIn('name: [1\n')[0]).toMatch(/^s\.yaml:2:1: not valid YAML or JSON: flow sequence/);
    expect(problemsIn('name: a\ntenants:\n\t- slo: 1\n')).toEqual([
      's.yaml:3:1: not valid YAML or JSON: tabs are not allowed as indentation; indent with blanks',
    ]);
    expect(problemsIn('name: a\ntenants:\n\t- slo: 1\n\t- slo: 2\n\t\tsize: 1\n')).toEqual([
      's.yaml:3:1: not valid YAML or JSON: tabs are not allowed as indentation, here and in 2 more lines; indent with blanks',
    ]);
    expect(
      problemsIn('name: a\ntenants: [{load: tenants[0].load, size: 1}, {size: 2}, {size: 3}]\n'),
    ).toEqual([
      's.yaml:2:25: not valid YAML or JSON: unexpected flow-seq-start at node end; put quotes around a text that holds one of [ ] { } ,',
    ]);
    expect(problemsIn('name: a\ntenants: []\n---\nname: b\n')).toEqual([
      's.yaml:3:1: a second document begins here; write one document per file',
    ]);
  });

  it('says of a document with nothing in it what belongs there', () => {
    expect(problemsIn('')).toEqual(['s.yaml:1:1: there is nothing in it']);
    const comment = parseDocumentWith(Schema, '# later\n', { kind: 'scenario' });
    expect(comment.problems.map(formatProblem)).toEqual(['1:1: there is nothing in it; write a scenario']);
    expect(parseDocumentWith(z.unknown(), '').problems).toEqual([]);
  });

  it('takes a message that the schema carries, split into what and remedy', () => {
    const Year = z.strictObject({ date: z.string().regex(/^\d{4}$/, 'not a year; write four digits') });
    expect(parseDocumentWith(Year, 'date: x').problems).toEqual([
      { line: 1, column: 7, path: 'date', what: 'not a year', remedy: 'write four digits' },
    ]);
  });

  it('takes it for no value that is missing or of another type', () => {
    const Count = z.strictObject({
      version: z.literal(1, 'is no version; write 1'),
      count: z.int('not whole; round it'),
    });
    const wordsOf = (text: string) => parseDocumentWith(Count, text).problems.map(formatProblem);
    expect(wordsOf('{}')).toEqual(['1:1: version: missing; write 1', '1:1: count: missing; write a number']);
    expect(wordsOf('{version: 2, count: "4"}')).toEqual([
      '1:11: version: is no version; write 1',
      '1:21: count: the text "4" is not allowed here; write a number',
    ]);
    expect(wordsOf('{version: 1, count: 4.5}')).toEqual(['1:21: count: not whole; round it']);
  });

  it('locates any path, and a path that is not there at its nearest part', () => {
    const { positionOf } = parseDocumentWith(Schema, 'name: a\ntenants:\n  - slo: {}\n', { file: 'f' });
    expect(positionOf(['tenants', 0, 'slo'])).toEqual({
      file: 'f',
      line: 3,
      column: 10,
      path: 'tenants[0].slo',
    });
    expect(positionOf(['tenants', 7, 'slo'])).toEqual({
      file: 'f',
      line: 3,
      column: 3,
      path: 'tenants[7].slo',
    });
  });

  it('follows an alias and places the problem where it is used', () => {
    const text =
      'name: a\ntenants:\n  - &first {slo: {percentile: 99, limitMs: 1}}\n  - *first\n  - *second\n';
    expect(problemsIn(text)).toContain(
      's.yaml:5:5: tenants[2]: nothing before this is marked `&second`; write the value itself',
    );
    expect(parseDocumentWith(Schema, text.replace('  - *second\n', '')).value?.tenants).toHaveLength(2);
  });
});

describe('a JSON text, which is read without the reader of YAML', () => {
  const texts = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 6 }),
    fc.constantFrom('a":', '\\', '"', ': ', '__proto__', '<<', '\n', '#'),
  );
  const values = fc.dictionary(texts, fc.jsonValue({ depthSize: 'small' }), { maxKeys: 6 });

  it('has the value and the places that it has as YAML', () => {
    fc.assert(
      fc.property(values, fc.constantFrom(undefined, 1, '\t'), (value, space) => {
        const text = JSON.stringify(value, null, space);
        const json = parseDocumentWith(z.unknown(), text);
        // A comment makes it YAML.
        const yaml = parseDocumentWith(z.unknown(), `# YAML\n${text}`);
        expect(json.problems).toEqual([]);
        expect(yaml.problems).toEqual([]);
        expect(json.value).toEqual(yaml.value);
        for (const key of Object.keys(value)) {
          const { line, ...rest } = yaml.positionOf([key]);
          expect(json.positionOf([key])).toEqual({ ...rest, line: line! - 1 });
        }
      }),
      { numRuns: cases(500) },
    );
  });

  it('is read as YAML where something is wrong, so that its place is told', () => {
    const good = '{"name": "a", "tenants": []';
    expect(problemsIn(`${good}}`)).toEqual([]);
    expect(problemsIn(`${good}, "name": "b"}`)).toEqual([
      's.yaml:1:30: name: the key `name` is written twice; remove one of them',
    ]);
    expect(problemsIn(`${good},\n "x\\":": 1}`)[0]).toMatch(/^s\.yaml:2:2: /);
    expect(problemsIn(`{"name": ${'['.repeat(70)}${']'.repeat(70)}, "tenants": []}`)).toEqual([
      expect.stringContaining('nested more than 64 deep'),
    ]);
  });
});

describe('a hostile document', () => {
  const bomb = ['k0: &a0 [1,1,1,1,1,1,1,1,1]']
    .concat(Array.from({ length: 20 }, (_, i) => `k${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`)}]`))
    .join('\n');
  const kinds: Record<string, string> = {
    'nested brackets': '['.repeat(100_000),
    'closed nested brackets': '['.repeat(50_000) + ']'.repeat(50_000),
    'nested sequences': `${'- '.repeat(50_000)}a`,
    'nested keys': `${'? '.repeat(50_000)}a`,
    'nested maps': '{a: '.repeat(50_000),
    'an alias bomb': bomb,
    'an alias of itself': 'a: &a [*a, *a]',
    'a very long text': 'x'.repeat(1_000_001),
  };
  for (const [name, text] of Object.entries(kinds)) {
    it(`is refused with one problem: ${name}`, () => {
      const { value, problems } = parseDocumentWith(z.unknown(), text);
      expect(value).toBeUndefined();
      expect(problems).toHaveLength(1);
    });
  }

  it.each([
    ['no blank after a colon', 'a:1\nb: 2', 'write a blank after the colon of each name'],
    ['fields that stand askew', 'x:\n  a: 1\n b: 2', 'indent the fields that belong together alike'],
  ])('tells what to do about %s', (_, text, remedy) => {
    expect(parseDocumentWith(z.unknown(), text).problems[0]).toMatchObject({
      line: expect.any(Number),
      remedy,
    });
  });

  it('reads many keys and many mistakes in linear time, and counts those it does not print', () => {
    const text = Array.from({ length: 20_000 }, (_, i) => `key${i}: 1`).join('\n');
    const { problems } = parseDocumentWith(Schema, text);
    expect(problems).toHaveLength(201);
    expect(problems[200]!.what).toBe('and 19802 more problems');
  });

  it('keeps keys like __proto__ harmless', () => {
    expect(problemsIn('{"__proto__": {"x": 1}, "name": "a", "tenants": []}')).toEqual([
      expect.stringContaining('unknown key `__proto__`'),
    ]);
  });

  it('gives a value or problems with a place for any text', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        'name',
        'tenants',
        ': ',
        '\n',
        '- ',
        '  ',
        '{',
        '}',
        '[',
        ']',
        ',',
        '&a ',
        '*a',
        '? ',
        '|',
        '>',
        '!!x ',
        '"',
        "'",
        '#',
        '---\n',
        '\t',
        '%',
        '<<',
        '\uFEFF',
        '\0',
      ),
      fc.string({ maxLength: 4 }),
    );
    const text = fc.array(piece, { maxLength: 30 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(text, (source) => {
        const { value, problems } = parseDocumentWith(Schema, source);
        expect(value === undefined).toBe(problems.length > 0);
        for (const problem of problems) expect(problem.line).toBeGreaterThan(0);
      }),
      { numRuns: cases(2000) },
    );
  });

  it('repeats a token that is not expected only in part', () => {
    const { problems } = parseDocumentWith(Schema, `{a: 1} ${'x'.repeat(10_000)}`);
    expect(problems.length).toBeGreaterThan(0);
    for (const { what } of problems) expect(what.length).toBeLessThan(400);
  });
});

describe('a text of nothing but mistakes', () => {
  it.each([
    ['bad escapes', `a: "${'\\q'.repeat(20_000)}"`, 19_000],
    ['brackets that close nothing', ']'.repeat(20_000), 19_000],
  ])('is told by its first ones, as are %s', (_, text, others) => {
    const { problems } = parseDocumentWith(z.unknown(), text);
    expect(problems.map(({ what }) => what)).toEqual([
      expect.stringMatching(/^not valid YAML or JSON: (invalid escape sequence|unexpected flow-seq-end)/),
      `and ${others} more problems`,
    ]);
  });

  it('ends at its second document', () => {
    const { problems } = parseDocumentWith(z.unknown(), '--- a\n'.repeat(5000));
    expect(problems).toEqual([expect.objectContaining({ line: 2, what: 'a second document begins here' })]);
  });
});
