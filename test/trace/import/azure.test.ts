import { describe, expect, test } from 'vitest';
import { parseStampUs } from '../../../src/trace/import/stamp.js';
import { type ImportOptions, importTrace } from '../../../src/trace/importers.js';
import { selectTenant } from '../../../src/trace/transform.js';
import { problemsOf } from '../arbitrary-trace.js';

const reader =
  (source: string) =>
  (text: string, options: ImportOptions = {}) =>
    importTrace(source, text, options);
const importAzureFunctions2019 = reader('azure-functions-2019');
const importAzureFunctions2021 = reader('azure-functions-2021');
const importAzureLlm2023 = reader('azure-llm-2023');

const HEADER_2019 = `HashOwner,HashApp,HashFunction,Trigger,${Array.from({ length: 1440 }, (_, i) => i + 1).join(',')}`;
const day = (counts: Record<number, number>) =>
  Array.from({ length: 1440 }, (_, minute) => counts[minute] ?? 0).join(',');
const TEXT_2019 = [
  HEADER_2019,
  `o1,a1,f1,http,${day({ 0: 3, 1439: 1 })}`,
  `o1,a1,f2,timer,${day({ 0: 2 })}`,
  '',
].join('\r\n');

test('an open quote hides no other problem of the rows of an import', () => {
  const text = 'TIMESTAMP\nyesterday\n"2024-01-01 00:00:00\n';
  expect(problemsOf(() => importAzureLlm2023(text)).map(({ line }) => line)).toEqual([2, 3]);
});

describe('Azure Functions 2019', () => {
  test('gives as many arrivals in each minute as were counted', () => {
    const trace = importAzureFunctions2019(TEXT_2019);
    expect(trace.tenants).toEqual(['o1/a1/f1', 'o1/a1/f2']);
    expect(trace.durationUs).toBe(86_400e6);
    const f1 = selectTenant(trace, 'o1/a1/f1').arrivalUs;
    expect([...f1].map((us) => Math.floor(us / 60e6))).toEqual([0, 0, 0, 1439]);
  });

  test('takes no column after the minutes, such as a sum of them, for one', () => {
    const text = `${HEADER_2019},total\no,a,f,http,${day({ 0: 3 })},3`;
    const { arrivalUs, durationUs } = importAzureFunctions2019(text);
    expect([arrivalUs.length, durationUs]).toEqual([3, 86_400e6]);
  });

  test('spaces them evenly on request', () => {
    const trace = importAzureFunctions2019(TEXT_2019, { spread: 'even', tenantBy: 'app' });
    expect(trace.tenants).toEqual(['o1/a1']);
    expect([...trace.arrivalUs]).toEqual([10e6, 15e6, 30e6, 45e6, 50e6, 1439 * 60e6 + 30e6]);
  });

  test('a function arrives at the same times whatever other functions are in the file', () => {
    const alone = TEXT_2019.split('\r\n')
      .filter((line) => !line.includes(',f1,'))
      .join('\r\n');
    const arrivals = (text: string) =>
      selectTenant(importAzureFunctions2019(text, { seed: 7 }), 'o1/a1/f2').arrivalUs;
    expect(arrivals(alone)).toEqual(arrivals(TEXT_2019));
  });

  test('rows of one function, one for each of its triggers, do not arrive at the same instants', () => {
    const text = `${HEADER_2019}\no,a,f,http,${day({ 0: 50 })}\no,a,f,timer,${day({ 0: 50 })}`;
    const { arrivalUs, tenants } = importAzureFunctions2019(text);
    expect(tenants).toEqual(['o/a/f']);
    expect(arrivalUs.length).toBe(100);
    expect(new Set(arrivalUs).size).toBeGreaterThan(98);
  });

  test('other rows of a function leave its first one where it is, another seed does not', () => {
    const row = (trigger: string, minute: number) => `o,a,f,${trigger},${day({ [minute]: 5 })}`;
    const arrivals = (rows: readonly string[], seed?: number) => [
      ...importAzureFunctions2019([HEADER_2019, ...rows].join('\n'), seed === undefined ? {} : { seed })
        .arrivalUs,
    ];
    const [first, second] = [row('http', 0), row('timer', 1)];
    expect(arrivals([first, second]).slice(0, 5)).toEqual(arrivals([first]));
    expect(arrivals([first, second]).slice(5)).not.toEqual(arrivals([second]));
    expect(arrivals([first], 0)).toEqual(arrivals([first]));
    expect(arrivals([first], 7)).not.toEqual(arrivals([first]));
    expect(arrivals([first], 7)).not.toEqual(arrivals([first], 8));
  });

  test('takes in a part of the day', () => {
    const trace = importAzureFunctions2019(TEXT_2019, { fromUs: 1439 * 60e6, spread: 'even' });
    expect([...trace.arrivalUs]).toEqual([30e6]);
    expect(trace.durationUs).toBe(60e6);
    expect(problemsOf(() => importAzureFunctions2019(TEXT_2019, { fromUs: 1 }))[0]?.remedy).toMatch(
      /multiples/,
    );
  });

  test('takes in what there is of it, by minutes whatever interval another source has, and by whoever owns it', () => {
    const first = { toUs: 60e6, spread: 'even', tenantBy: 'owner', binUs: 1e6 } as const;
    const trace = importAzureFunctions2019(TEXT_2019, first);
    expect(trace.tenants).toEqual(['o1']);
    expect([...trace.arrivalUs]).toEqual([10e6, 15e6, 30e6, 45e6, 50e6]);
    expect(trace.durationUs).toBe(60e6);
    const lengthS = (fromS: number, toS: number) =>
      importAzureFunctions2019(TEXT_2019, { fromUs: fromS * 1e6, toUs: toS * 1e6 }).durationUs / 1e6;
    expect([lengthS(0, 172_800), lengthS(86_340, 172_800), lengthS(86_460, 172_800)]).toEqual([
      86_400, 60, 0,
    ]);
  });

  test('refuses to make more requests than allowed before making them', () => {
    const text = `${HEADER_2019}\no,a,f,http,${day({ 3: 1e12 })}`;
    expect(problemsOf(() => importAzureFunctions2019(text))[0]?.what).toMatch(/more than 50000000 requests/);
  });

  test('tells wrong counts by line and minute', () => {
    const text = `${HEADER_2019}\no,a,f,http,${day({}).replace('0,0', '0,-1')}\no,a,g,http,1,2`;
    expect(problemsOf(() => importAzureFunctions2019(text, { file: 'd01.csv' }))).toEqual([
      { file: 'd01.csv', line: 2, path: '2', what: '"-1" is not a count' },
      expect.objectContaining({ file: 'd01.csv', line: 3, what: '6 cells where the header has 1444' }),
    ]);
  });
});

describe('Azure Functions 2021', () => {
  const text = '\ufeffapp,func,end_timestamp,duration\r\nA,f,79.25,0.25\r\nB,f,10,10.5\r\nA,g,12,1\r\n\r\n';

  test('an invocation arrives its duration before its end, rows come in any order', () => {
    const trace = importAzureFunctions2021(text);
    expect([...trace.arrivalUs]).toEqual([0, 11.5e6, 79.5e6]);
    expect([...trace.tenant].map((index) => trace.tenants[index])).toEqual(['B/f', 'A/g', 'A/f']);
  });

  test('tells times that are too large for microseconds by line', () => {
    const rows = 'A,f,1e308,1\nA,f,1,1e300\n';
    expect(
      problemsOf(() => importAzureFunctions2021(`app,func,end_s,duration_s\n${rows}`)).map(
        ({ line, what }) => `${line}: ${what}`,
      ),
    ).toEqual(['2: "1e308" is not a time in seconds', '3: "1e300" is not a length in seconds']);
  });

  test('applications may be the tenants', () => {
    expect(importAzureFunctions2021(text, { tenantBy: 'app' }).tenants).toEqual(['A', 'B']);
  });

  test("the clock is the file's", () => {
    const late = 'app,func,start_s,end_s,duration_s\n0,0,100.001,100.079,0.078\n';
    expect([...importAzureFunctions2021(late).arrivalUs]).toEqual([100_001_000]);
    expect([...importAzureFunctions2021(late, { fromUs: 100e6 }).arrivalUs]).toEqual([1000]);
    expect(importAzureFunctions2021(late, { fromUs: 20e6, toUs: 50e6 })).toMatchObject({
      arrivalUs: Float64Array.of(),
      durationUs: 30e6,
    });
  });

  test('tells wrong times by line and column', () => {
    const problems = problemsOf(() =>
      importAzureFunctions2021(text.replace('10.5', '-1').replace('79.25', '')),
    );
    expect(problems.map(({ line, path }) => [line, path])).toEqual([
      [2, 'end_timestamp'],
      [3, 'duration'],
    ]);
    expect(
      problemsOf(() => importAzureFunctions2021('app,func,end_s,duration_s\nA,f,,1\nA,f,1,-1\n')).map(
        ({ line, path }) => [line, path],
      ),
    ).toEqual([
      [2, 'end_s'],
      [3, 'duration_s'],
    ]);
    expect(problemsOf(() => importAzureFunctions2021('app,func\n1,2\n'))[0]?.what).toMatch(
      /no header with the columns app,func,end_timestamp,duration or/,
    );
  });
});

describe('Azure LLM 2023', () => {
  const text =
    'TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:17:04.0319600,110,27\n2023-11-16 18:17:03.9799600,4808,10\n2023-11-16 18:17:05,1,1\n';

  test('stamps become microseconds since the first request', () => {
    const trace = importAzureLlm2023(text, { tenant: 'code' });
    expect([...trace.arrivalUs]).toEqual([0, 52_000, 1_020_040]);
    expect(trace.tenants).toEqual(['code']);
  });

  test('tokens stay with their request, whatever order the rows come in', () => {
    const { promptTokens, outputTokens } = importAzureLlm2023(text);
    expect([promptTokens, outputTokens].map((column) => [...column!])).toEqual([
      [4808, 110, 1],
      [10, 27, 1],
    ]);
  });

  test('tells what is no number of tokens by line, and makes no column of none', () => {
    expect(problemsOf(() => importAzureLlm2023('t_s,ContextTokens\n1,3\n2,x\n'))[0]).toMatchObject({
      line: 3,
      path: 'ContextTokens',
    });
    expect(importAzureLlm2023('t_s\n1\n').promptTokens).toBeUndefined();
  });

  test('seconds are taken too', () => {
    expect([...importAzureLlm2023('t_s,context_tokens\n1.5,1\n1.052,2\n').arrivalUs]).toEqual([0, 448_000]);
  });

  test('tells a time that is too large for microseconds by line', () => {
    expect(problemsOf(() => importAzureLlm2023('t_s\n1\n1e300\n'))).toEqual([
      { line: 3, path: 't_s', what: '"1e300" is not a time', remedy: 'write seconds' },
    ]);
  });

  test('tells what is no stamp by line', () => {
    expect(problemsOf(() => importAzureLlm2023(`${text}yesterday,1,1\n`))).toEqual([
      {
        line: 5,
        path: 'TIMESTAMP',
        what: '"yesterday" is not a time',
        remedy: 'write it like 2023-11-16 18:17:03.98; a column of seconds is called t_s',
      },
    ]);
  });

  test.each([
    ['1970-01-01 00:00:00', 0],
    ['2023-11-16 18:17:03.9799600', 1_700_158_623_979_960],
    ['2024-05-10T00:00:00.009930+00:00', 1_715_299_200_009_930],
    ['2024-05-10 02:00:00.00993+0200', 1_715_299_200_009_930],
    ['2024-05-09T22:30:00Z', 1_715_293_800_000_000],
    ['2024-05-09 20:00:00-02:30', 1_715_293_800_000_000],
    ['1970-01-01 00:00:00.9999999', 1_000_000],
    ['2024-13-01 00:00:00', Number.NaN],
    ['2024-01-01 24:00:00', Number.NaN],
    ['2016-12-31 23:59:60', 1_483_228_800_000_000],
    ['2016-12-31 23:59:61', Number.NaN],
    ['2024-01-01', Number.NaN],
    ['2024-02-29 00:00:00', 1_709_164_800_000_000],
    ['2023-02-29 00:00:00', Number.NaN],
    ['2023-04-31 00:00:00', Number.NaN],
    ['2024-01-01 00:00:00+14:00', 1_704_016_800_000_000],
    ['2024-01-01 00:00:00+14:01', Number.NaN],
    ['2024-01-01 00:00:00-01:60', Number.NaN],
    ['2024-01-01 00:00:00+99:00', Number.NaN],
  ])('the stamp %s is %d microseconds', (stamp, us) => {
    expect(parseStampUs(stamp)).toBe(us);
  });
});
