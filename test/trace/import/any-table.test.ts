import { describe, expect, test } from 'vitest';
import { beginImport, type ImportOptions, importSource, importTrace } from '../../../src/trace/importers.js';
import type { Trace } from '../../../src/trace/trace.js';
import { problemsOf } from '../arbitrary-trace.js';

const table = (text: string, options: ImportOptions = {}) => importTrace('table', text, options);
/** Each request as its tenant and its time in microseconds. */
const requestsOf = ({ tenants, tenant, arrivalUs }: Trace) =>
  [...arrivalUs].map((us, row) => `${tenants[tenant[row]!]} ${us}`);

describe('a table of requests', () => {
  const expected = ['a 0', 'b 1500000', 'a 2000000'];

  test.each([
    ['s', ['1700000002', '1700000000', '1700000001.5']],
    ['ms', ['1700000002000', '1700000000000', '1700000001500']],
    ['us', ['1700000002000000', '1700000000000000', '1700000001500000']],
    ['ns', ['1700000002000000000', '1700000000000000000', '1700000001500000000']],
    ['iso', ['2023-11-14T22:13:22Z', '2023-11-14 22:13:20', '2023-11-14T23:13:21.5+01:00']],
  ] as const)('has its times in %s, its rows in any order, and its earliest at 0', (timeFormat, times) => {
    const options = { timeColumn: 'ts', timeFormat, tenantColumn: 'model' };
    const rows = times.map((time, i) => ({ time, model: ['a', 'a', 'b'][i]! }));
    const csv = ['id,ts,model', ...rows.map(({ time, model }, i) => `${i},${time},${model}`)].join('\n');
    expect(requestsOf(table(csv, options))).toEqual(expected);
    const written = (time: string) => (timeFormat === 'iso' ? JSON.stringify(time) : time);
    const jsonl = rows.map(({ time, model }) => `{"ts":${written(time)},"model":"${model}"}`).join('\n');
    expect(requestsOf(table(jsonl, options))).toEqual(expected);
  });

  test('may have the stamps and the request lines of a web server: a model or a path is the tenant', () => {
    const text = [
      'time,request',
      '24/Nov/2026:00:00:02 +0000,POST /v2/models/m/infer HTTP/1.1',
      '24/Nov/2026:02:00:03.5 +0200,GET /rank?user=7 HTTP/1.1',
      '24/Nov/2026:00:00:04 +0000,/v2/models/m/versions/2/infer?x=1',
      '24/Nov/2026:00:00:05 +0000,team /a',
    ].join('\n');
    const options = { timeColumn: 'time', tenantColumn: 'request' };
    expect(requestsOf(table(text, options))).toEqual([
      'm 0',
      '/rank 1500000',
      'm 2000000',
      'team /a 3000000',
    ]);
    const wrong = text.replace('05', '65').replace('Nov', 'Nuv');
    expect(problemsOf(() => table(wrong, options)).map(({ line }) => line)).toEqual([2, 5]);
  });

  test('without a column of tenants, or with nothing in it, is of the one that is named', () => {
    const text = 'timestamp,who\n2023-11-14 22:13:20,x\n2023-11-14 22:13:21,\n';
    expect(table(text, { tenant: 'web' }).tenants).toEqual(['web']);
    expect(table(text, { tenant: 'web', tenantColumn: 'who' }).tenants).toEqual(['x', 'web']);
  });

  test.each([
    [';', 'Zeit;Mandant\n0,5;"Fotos; Köln"\n2,25;fragen\n'],
    ['tabs', 'Zeit\tMandant\n0.5\tFotos; Köln\n2.25\tfragen'],
  ])('has its cells between %s as well as between commas', (_, text) => {
    const options = { timeColumn: 'Zeit', timeFormat: 's', tenantColumn: 'Mandant' } as const;
    expect(requestsOf(table(text, options))).toEqual(['Fotos; Köln 0', 'fragen 1750000']);
    const reader = beginImport('table', options)!;
    for (const piece of text) reader.push(piece);
    expect(requestsOf(reader.finish().trace)).toEqual(['Fotos; Köln 0', 'fragen 1750000']);
  });

  test('has no decimal commas where commas part its cells, for they may part thousands', () => {
    const text = 't,who\n"1,234",a\n';
    expect(problemsOf(() => table(text, { timeColumn: 't', timeFormat: 's' }))).toHaveLength(1);
  });

  test('keeps inferences and tokens of each request where columns of them are named, and refuses what is no count', () => {
    const options = { timeColumn: 't', timeFormat: 's', batchColumn: 'n', promptTokensColumn: 'in' } as const;
    const { batchSize, promptTokens, outputTokens } = table('t,n,in\n2,4,900\n1,,70\n', options);
    expect([...batchSize!]).toEqual([0, 4]);
    expect([...promptTokens!]).toEqual([70, 900]);
    expect(outputTokens).toBeUndefined();
    const jsonl = '{"t":1,"n":8}\n{"t":2}\n';
    expect([...table(jsonl, options).batchSize!]).toEqual([8, 0]);
    const problems = problemsOf(() => table('t,n,in\n1,2.5,7\n', options));
    expect(problems).toMatchObject([
      { line: 2, path: 'n', what: expect.stringContaining('"2.5" is not a whole') },
    ]);
  });

  test('says how many rows name no tenant, unless it was told whose they are', () => {
    const text = 'timestamp,who\n2023-11-14 22:13:20,x\n2023-11-14 22:13:21,\n';
    expect(importSource('table', [{ text }], { tenantColumn: 'who' }).notes).toEqual([
      '1 of 2 requests have nothing in who; they are those of the tenant "default"',
    ]);
    expect(importSource('table', [{ text }], { tenantColumn: 'who', tenant: 'web' }).notes).toEqual([]);
  });

  test('of JSON has its tenants also in a key within a key, and refuses a column that no line has', () => {
    const text = '{"timestamp":"2023-11-14 22:13:20,5","service":{"name":"a"}}';
    expect(table(text, { tenantColumn: 'service.name' }).tenants).toEqual(['a']);
    expect(problemsOf(() => table(text, { tenantColumn: 'service' }))).toEqual([
      expect.objectContaining({ remedy: 'write --tenant-column service.name, or another key in it' }),
    ]);
    expect(problemsOf(() => table(text, { tenantColumn: 'servise.name' }))).toEqual([
      expect.objectContaining({ path: 'servise.name', what: 'no row has it' }),
    ]);
  });

  test('spreads requests over seconds only where it is asked to', () => {
    const text = 't\n0\n0\n1\n';
    const options = { timeColumn: 't', timeFormat: 's' } as const;
    expect([...table(text, options).arrivalUs]).toEqual([0, 0, 1e6]);
    expect([...table(text, { ...options, spread: 'even' }).arrivalUs]).toEqual([250_000, 750_000, 1_500_000]);
  });

  test('says which columns tell whose a request is, as long as none was chosen', () => {
    for (const text of [
      'timestamp,model\n2023-11-14 22:13:20,x\n',
      '{"timestamp":"2023-11-14 22:13:20","model":"x"}',
    ]) {
      expect(importSource('table', [{ text }]).notes).toEqual([
        'the column "model" is not used; to keep its tenants apart, import it with --from table and --tenant-column model',
      ]);
      expect(importSource('table', [{ text }], { tenantColumn: 'model' }).notes).toEqual([]);
    }
    const services = 'timestamp,service\n2023-11-14 22:13:20,x\n';
    expect(importSource('table', [{ text: services }]).notes).toEqual([
      'the column "service" is not used; to keep its tenants apart, import it with --from table and --tenant-column service',
    ]);
  });

  test('that has no such column is told what its first line has', () => {
    expect(problemsOf(() => table('when,model\n1,x\n'))).toEqual([
      {
        what: 'no header with the columns timestamp',
        remedy: 'name columns that it has, such as with --time-column: its first line has "when,model"',
        line: 1,
      },
    ]);
  });

  test.each([
    ['timestamp\nyesterday\n', {}, '"yesterday" is not a time', /^write it like/],
    [
      'timestamp\n1700000000\n',
      {},
      '"1700000000" is not a time of a calendar',
      /--time-format s, ms, us or ns$/,
    ],
    [
      'timestamp\n2023-11-14\n',
      { timeFormat: 'ms' },
      '"2023-11-14" is not a time in ms',
      /--time-format iso/,
    ],
    ['{"timestamp": null}', { timeFormat: 's' }, 'has no time', /^leave out such rows/],
  ] as const)('tells what %o is wrong with', (text, options, what, remedy) => {
    expect(problemsOf(() => table(text, options))).toEqual([
      expect.objectContaining({ path: 'timestamp', what, remedy: expect.stringMatching(remedy) }),
    ]);
  });

  test('an array of JSON is told to be written as lines', () => {
    expect(problemsOf(() => table('[{"timestamp": 1}]\n'))[0]?.remedy).toMatch(
      /^write an object on each line/,
    );
  });

  test('whole seconds with several requests are told, unless they are spread', () => {
    const notes = (text: string, options: ImportOptions = {}) =>
      importSource('table', [{ text }], { timeFormat: 's', ...options }).notes;
    expect(notes('timestamp\n1\n2\n2\n')).toEqual([expect.stringMatching(/whole seconds.*--spread uniform/)]);
    expect(notes('timestamp\n1\n2\n2\n', { spread: 'even' })).toEqual([]);
    expect(notes('timestamp\n1\n2\n')).toEqual([]);
    expect(notes('timestamp\n1\n2.5\n2.5\n')).toEqual([]);
  });

  test('a column that is wrong throughout is told once, a row that is wrong by itself beside it', () => {
    const rows = Array.from({ length: 1000 }, (_, i) => `${1_700_000_000 + i},x`);
    const wrong = problemsOf(() => table(['timestamp,model', ...rows].join('\n')));
    expect(wrong).toHaveLength(1);
    expect(wrong[0]).toMatchObject({
      line: 2,
      path: 'timestamp',
      what: '"1700000000" is not a time of a calendar, and so in all 1000 rows',
    });
    const lines = problemsOf(() => table(['{"timestamp":"2023-11-14 22:13:20"}', ...rows].join('\n')));
    expect(lines).toHaveLength(21);
  });
});

describe('an access log', () => {
  const nginx = (time: string, request: string) =>
    `10.0.0.1 - - [16/Nov/2023:${time} +0100] "${request}" 200 7 "-" "curl"`;

  test('of nginx has a tenant for each model, and its requests in the seconds of their stamps', () => {
    const text = [
      nginx('18:17:03', 'POST /v2/models/m/infer HTTP/1.1'),
      nginx('18:17:03', 'POST /v2/models/n/versions/1/infer?x=1 HTTP/1.1'),
      nginx('18:17:05', 'GET /v2/models/m/ready HTTP/1.1'),
      nginx('18:17:05', 'GET /v2/health/ready HTTP/1.1'),
      nginx('18:17:05', '\\x16\\x03'),
    ].join('\n');
    const { arrivalUs, ...trace } = importTrace('nginx', text);
    expect(trace.tenants).toEqual(['m', 'n', 'default']);
    expect([...arrivalUs].map((us) => Math.floor(us / 1e6))).toEqual([0, 0, 2, 2, 2]);
    expect(new Set(arrivalUs).size).toBe(5);
    expect(importSource('nginx', [{ text }]).notes).toEqual([
      '3 of 5 requests are no inferences of a model; they are those of the tenant "default"',
    ]);
    expect(importTrace('nginx', text, { tenantBy: 'path' }).tenants).toEqual([
      '/v2/models/m/infer',
      '/v2/models/n/versions/1/infer',
      '/v2/models/m/ready',
      '/v2/health/ready',
      'default',
    ]);
  });

  test('of Envoy keeps the parts of seconds that its stamps tell', () => {
    const line = (time: string) =>
      `[2016-04-15T${time}Z] "POST /v2/models/m/infer HTTP/2" 204 - 154 0 226 100 "-" "x"`;
    const { tenants, arrivalUs } = importTrace(
      'envoy',
      [line('20:17:00.310'), line('20:17:00.325')].join('\n'),
    );
    expect([tenants, [...arrivalUs]]).toEqual([['m'], [0, 15_000]]);
  });

  test('of a load balancer of AWS has its requests when they came, and the models of whole addresses', () => {
    const line = (created: string, request: string) =>
      `https 2026-11-24T00:00:09.000000Z app/lb/50dc6c495c0c9188 10.0.0.9:2817 10.0.0.1:80 0.000 0.041 0.000 200 200 34 366 "${request}" "Mozilla [en]" ECDHE TLSv1.2 arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/t/73 "Root=1-58337262" "h" "-" 0 ${created} "forward" "-" "-" "10.0.0.1:80" "200" "-" "-" TID_1`;
    const text = [
      line('2026-11-24T00:00:02.250000Z', 'POST https://h:443/v2/models/m/infer?x=1 HTTP/1.1'),
      line('2026-11-24T00:00:02.000000Z', 'GET https://h:443/v2/health/ready HTTP/1.1'),
      line('2026-11-24T00:00:03.000000Z', '- http://h:80- '),
      // Before 2018 they ended with the second identifier.
      line('', 'POST http://h:80/v2/models/n/infer HTTP/1.1').replace(/ "h" .*/, ''),
    ].join('\n');
    const { tenants, ...trace } = importTrace('alb', text);
    expect(requestsOf({ tenants, ...trace })).toEqual([
      'default 0',
      'm 250000',
      'default 1000000',
      'n 7000000',
    ]);
    expect(new Set(importTrace('alb', text, { tenantBy: 'path' }).tenants)).toEqual(
      new Set(['/v2/models/m/infer', '/v2/health/ready', 'default', '/v2/models/n/infer']),
    );
    expect(problemsOf(() => importTrace('alb', `${text}\nhttps now app/lb`))[0]).toMatchObject({ line: 5 });
  });

  test('tells lines without a stamp, and once where all lines have none', () => {
    const good = nginx('18:17:03', 'GET / HTTP/1.1');
    expect(problemsOf(() => importTrace('nginx', `${good}\nnothing\n`))).toEqual([
      expect.objectContaining({ line: 2, what: '"nothing" is no line of an access log' }),
    ]);
    const other = Array.from({ length: 50 }, () => '1700000000 GET /').join('\n');
    expect(problemsOf(() => importTrace('envoy', other))).toEqual([
      expect.objectContaining({
        line: 1,
        what: '"1700000000 GET /" is no line of an access log, and so in all 50 rows',
      }),
    ]);
  });
});
