import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ImportOptions, importers, importSource, importTrace } from '../../../src/trace/importers.js';
import { traceLength } from '../../../src/trace/trace.js';
import { cases } from '../../support/cases.js';
import { mutatedText, onlyInputErrors, problemsOf } from '../arbitrary-trace.js';

const DATA = '../shared/data/traces';

const EXAMPLES: Readonly<Record<string, string>> = {
  table: 'timestamp,bytes\n2023-11-16T18:17:03.98Z,7\n2023-11-16T18:17:05Z,8\n',
  nginx:
    '10.0.0.1 - - [16/Nov/2023:18:17:03 +0100] "POST /v2/models/m/infer HTTP/1.1" 200 7 "-" "curl/8.5"\n10.0.0.1 - - [16/Nov/2023:18:17:04 +0100] "GET / HTTP/1.1" 200 7\n',
  envoy:
    '[2023-11-16T18:17:03.310Z] "POST /v2/models/m/infer HTTP/2" 204 - 154 0 226 100 "10.0.35.28" "x" "id" "host" "tcp://10.0.2.1:80"\n[2023-11-16T18:17:04.300Z] "POST /v2/models/n/infer HTTP/2" 204 -\n',
  alb: 'http 2018-07-02T22:23:00.186641Z app/lb/50dc 10.0.0.9:2817 10.0.0.1:80 0.000 0.001 0.000 200 200 34 366 "POST http://h:80/v2/models/m/infer HTTP/1.1" "curl" - - arn:aws:t "Root=1" "-" "-" 0 2018-07-02T22:22:48.364000Z "forward" "-" "-" "10.0.0.1:80" "200" "-" "-"\nh2 2018-07-02T22:23:01Z app/lb/50dc 10.0.0.9:2817 10.0.0.1:80 0 0 0 200 200 34 366 "GET https://h:443/ HTTP/2.0" "curl" - - arn:aws:t "Root=1" "-" "-" 0 2018-07-02T22:22:50Z "forward"\n',
  'azure-functions-2019':
    'HashOwner,HashApp,HashFunction,Trigger,1,2,3\no,a,f,http,1,0,2\no,a,g,queue,0,0,5\n',
  'azure-functions-2021': 'app,func,end_timestamp,duration\na,f,10.5,0.25\nb,g,3,1\n',
  'azure-llm-2023':
    'TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:17:03.9799600,4808,10\n2023-11-16 18:17:04,1,1\n',
  servegen: 'client,t_s,rate_per_s,iat_cv,iat_dist\n1,0,0.1,1.2,Gamma\n2,600,0.05,3,Weibull\n',
  counts: '1 2 3\n0 5\n',
  'perf-analyzer':
    '{"experiments":[{"experiment":{"mode":"concurrency","value":1},"requests":[{"timestamp":10,"response_timestamps":[20]}],"window_boundaries":[1,2]}]}',
  'triton-trace': '[{"id":1,"model_name":"m"},{"id":1,"timestamps":[{"name":"REQUEST_START","ns":5}]}]',
  prometheus:
    '{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"__name__":"nv_inference_request_success","model":"m"},"values":[[1700000000,"100"],[1700000060,"103"],[1700000120,"1"],[1700000240,"9"]]}]}}',
};

describe('importers', () => {
  test('there is an example of each', () => {
    expect(Object.keys(EXAMPLES)).toEqual(Object.keys(importers));
  });

  test.each(Object.keys(importers))('%s reads its example, the same every time', (from) => {
    const text = EXAMPLES[from] as string;
    const trace = importTrace(from, text, { file: 'example' });
    expect(traceLength(trace)).toBeGreaterThan(0);
    expect(trace.source).toMatch(/\(example\)$/);
    expect(importTrace(from, text, { file: 'example' })).toEqual(trace);
  });

  test.each(['table', 'azure-functions-2019', 'azure-functions-2021', 'azure-llm-2023', 'servegen'])(
    '%s names columns that tell whose a request is and make no tenants, and no others',
    (from) => {
      const text = EXAMPLES[from] as string;
      const notes = (table: string) => importSource(from, [{ text: table }]).notes;
      expect(notes(text)).toEqual([]);
      const wider = text
        .trimEnd()
        .split('\n')
        .map((line, i) => `${line},${i === 0 ? 'tenant_id,region,"ModelName"' : 'x,y,z'}`)
        .join('\n');
      expect(notes(wider)).toEqual([
        expect.stringMatching(/^the columns "tenant_id", "ModelName" are not used; to keep /),
      ]);
    },
  );

  test('says how to keep the tenants of a column apart', () => {
    const text = 't_s,tenant\n0,a\n1,b\n';
    expect(importSource('azure-llm-2023', [{ text }]).notes).toEqual([
      'the column "tenant" is not used; to keep its tenants apart, import it with --from table and --tenant-column tenant',
    ]);
  });

  test.each(Object.keys(importers))('%s gives nothing but input errors on any text', (from) => {
    // Wrong characters can make counts large: the limit keeps the test short, and is itself tested so.
    const options = fc.record<ImportOptions>(
      {
        maxRequests: fc.constant(10_000),
        binUs: fc.option(fc.oneof(fc.nat(1e9), fc.double()), { nil: undefined }),
        fromUs: fc.option(fc.oneof(fc.nat(1e9), fc.double()), { nil: undefined, freq: 2 }),
        toUs: fc.option(fc.oneof(fc.nat(1e9), fc.double()), { nil: undefined, freq: 2 }),
        spread: fc.constantFrom('even', 'uniform'),
      },
      { requiredKeys: ['maxRequests'] },
    );
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.json(), {
      arbitrary: mutatedText(EXAMPLES[from] as string),
      weight: 4,
    });
    const isQuiet = (input: string, chosen: ImportOptions) =>
      void onlyInputErrors(() => importTrace(from, input, chosen));
    fc.assert(fc.property(text, fc.oneof(fc.constant({ maxRequests: 10_000 }), options), isQuiet), {
      numRuns: cases(1000),
    });
  });

  test('a part must have whole bounds in order', () => {
    for (const part of [{ fromUs: 0.5 }, { toUs: -1 }, { fromUs: 2, toUs: 1 }]) {
      expect(problemsOf(() => importTrace('counts', '1', part))[0]?.what).toMatch(/^cannot take the part/);
    }
  });

  // Where time is counted the cuts are bounds of what is counted, elsewhere the very time of a request.
  test.each([
    ['table', 20_000],
    ['nginx', 1e6],
    ['envoy', 20_000],
    ['alb', 1e6],
    ['azure-functions-2019', 120e6],
    ['azure-functions-2021', 10_250_000],
    ['azure-llm-2023', 20_040],
    ['servegen', 300e6],
    ['counts', 2e6],
    ['prometheus', 60e6],
  ])('%s has each request in one of two parts that meet, and none behind the end', (from, cutUs) => {
    const part = (options: ImportOptions) => importTrace(from, EXAMPLES[from] as string, options);
    const [whole, before, after] = [part({}), part({ toUs: cutUs }), part({ fromUs: cutUs })];
    expect(traceLength(before)).toBeGreaterThan(0);
    expect(traceLength(after)).toBeGreaterThan(0);
    expect(traceLength(before) + traceLength(after)).toBe(traceLength(whole));
    expect(before.durationUs + after.durationUs).toBe(whole.durationUs);
    const behind = part({ fromUs: 3600e6 });
    expect([traceLength(behind), behind.durationUs]).toEqual([0, 0]);
  });

  test('an unknown one is told with the nearest name', () => {
    expect(problemsOf(() => importTrace('azure-funtions-2019', ''))[0]?.remedy).toBe(
      'did you mean azure-functions-2019?',
    );
    expect(problemsOf(() => importTrace('toString', ''))[0]?.remedy).toMatch(
      /^there are table, .*azure-functions-2019/,
    );
  });
});

// The figures of ../shared are not in this repository; where they are missing there is nothing to hold.
describe.skipIf(!existsSync(DATA))('importers on the real data of ../shared/data', () => {
  test.each([
    ['azure-functions-2021', 'azure_functions_2021_head.csv', {}, 199, 31],
    ['azure-llm-2023', 'azure_llm_2023_code.csv', {}, 8819, 1],
    ['azure-llm-2023', 'azure_llm_2023_conv.csv', {}, 19_366, 1],
    ['counts', 'nasa_http_1995_busiest_hour_per_second.txt', {}, 14_922, 1],
    ['counts', 'nasa_http_1995_per_minute.txt', { binUs: 60e6, toUs: 86_400e6 }, 64_715, 1],
    ['servegen', 'servegen_mm_image_2d.csv', { toUs: 3600e6 }, 20_169, 18],
  ] as const)('%s reads %s', (from, file, options, requests, tenants) => {
    const trace = importTrace(from, readFileSync(`${DATA}/${file}`, 'utf8'), options);
    expect(traceLength(trace)).toBe(requests);
    expect(trace.tenants).toHaveLength(tenants);
  });
});
