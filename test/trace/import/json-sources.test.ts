import { describe, expect, test } from 'vitest';
import { importPerfAnalyzer, readPerfAnalyzer } from '../../../src/trace/import/perf-analyzer.js';
import { importTritonTrace, readTritonTrace } from '../../../src/trace/import/triton-trace.js';
import { problemsOf } from '../arbitrary-trace.js';

const request = (timestamp: number, ...response_timestamps: number[]) => ({
  timestamp,
  response_timestamps,
  response_outputs: [],
});
const perfExport = (...experiments: object[]) =>
  JSON.stringify({ experiments, version: '2.59.0', service_kind: 'triton', endpoint: '' });

describe("perf_analyzer's export", () => {
  const two = perfExport(
    {
      experiment: { mode: 'concurrency', value: 2 },
      requests: [request(5_000_000, 9_000_000), request(1_000_000, 3_000_000, 3_500_000), request(6_000_000)],
      window_boundaries: [0, 10_000_000],
    },
    {
      experiment: { mode: 'request_rate', value: 10.5 },
      requests: [{ ...request(7000, 8000), sequence_id: 4 }],
    },
  );

  test('gives each experiment its trace and latencies, in order of sending', () => {
    const [first, second] = readPerfAnalyzer(two);
    expect(first?.mode).toBe('concurrency');
    expect(first?.value).toBe(2);
    expect([...(first?.trace.arrivalUs ?? [])]).toEqual([0, 4000, 5000]);
    expect([...(first?.latencyUs ?? [])]).toEqual([2500, 4000, Number.NaN]);
    expect(second?.trace.sequenceId).toEqual(Float64Array.of(4));
  });

  test('counts a latency up to the last response, in whatever order they stand', () => {
    const [{ latencyUs } = {}] = readPerfAnalyzer(perfExport({ requests: [request(1000, 9000, 5000)] }));
    expect([...(latencyUs ?? [])]).toEqual([8]);
  });

  test('needs a choice where there are several experiments', () => {
    expect(problemsOf(() => importPerfAnalyzer(two))[0]).toMatchObject({
      what: 'the file has 2 experiments',
      remedy: 'choose an experiment: 0 (concurrency 2), 1 (request_rate 10.5)',
    });
    expect(importPerfAnalyzer(two, { experiment: 0, tenant: 'resnet' }).tenants).toEqual(['resnet']);
    expect(problemsOf(() => importPerfAnalyzer(two, { experiment: 2 }))[0]?.what).toBe(
      'there is no experiment 2',
    );
  });

  test('stamps since 1970 keep a latency to a quarter of a microsecond', () => {
    const text = perfExport({ requests: [] }).replace(
      '"requests":[]',
      '"requests":[{"timestamp":1700000000123456789,"response_timestamps":[1700000000124456789]},{"timestamp":1700000000223456789,"response_timestamps":[]}]',
    );
    const [experiment] = readPerfAnalyzer(text);
    expect(Math.abs((experiment?.latencyUs[0] ?? 0) - 1000)).toBeLessThanOrEqual(0.256);
    expect([...(experiment?.trace.arrivalUs ?? [])]).toEqual([0, 100_000]);
  });

  test('an experiment without a level is named by its mode alone', () => {
    const text = perfExport({ requests: [] }, { experiment: { mode: 'custom' }, requests: [] });
    expect(problemsOf(() => importPerfAnalyzer(text))[0]?.remedy).toBe(
      'choose an experiment: 0 (unknown), 1 (custom)',
    );
    expect(importPerfAnalyzer(text, { experiment: 1 }).source).toBe('perf_analyzer custom');
  });

  test('of very many experiments the first are listed', () => {
    const text = perfExport(...Array.from({ length: 500 }, () => ({ requests: [] })));
    expect(problemsOf(() => importPerfAnalyzer(text))[0]?.remedy).toMatch(
      /^.*, 19 \(unknown\) and 480 more$/,
    );
  });

  test('a time that is missing is said to be nothing', () => {
    const text = perfExport({ requests: [{}] });
    expect(problemsOf(() => readPerfAnalyzer(text))[0]?.what).toBe('nothing is not a time in nanoseconds');
  });

  test('mistakes are told by path', () => {
    const text = perfExport(
      { requests: [request(-1), request(5, 4), { ...request(1, 2), sequence_id: 'x' }, 7] },
      {},
    );
    expect(problemsOf(() => readPerfAnalyzer(text)).map(({ path }) => path)).toEqual([
      'experiments[0].requests[0].timestamp',
      'experiments[0].requests[1].response_timestamps',
      'experiments[0].requests[2].sequence_id',
      'experiments[0].requests[3].timestamp',
      'experiments[1]',
    ]);
    expect(problemsOf(() => readPerfAnalyzer('{}'))[0]?.remedy).toMatch(/--profile-export-file/);
    expect(problemsOf(() => readPerfAnalyzer('{"experiments": ['))[0]?.what).toMatch(/^the file is not JSON/);
  });
});

describe("Triton's trace", () => {
  const stamp = (id: number, name: string, ns: number) => ({ id, timestamps: [{ name, ns }] });
  const events = [
    stamp(2, 'REQUEST_START', 12_000),
    { id: 1, model_name: 'resnet', model_version: 1, request_id: 'r-1' },
    stamp(1, 'GRPC_WAITREAD_START', 0),
    stamp(1, 'GRPC_WAITREAD_END', 9000),
    stamp(1, 'QUEUE_START', 10_000),
    { id: 2, model_name: 'bert', model_version: 3 },
    { id: 3, model_name: 'step', model_version: 1, parent_id: 2 },
    stamp(3, 'REQUEST_START', 13_000),
    { id: 1, activity: 'TENSOR_QUEUE_INPUT', tensor: { name: 'x', data: '1', shape: '1', dtype: 'FP32' } },
  ];

  test('joins the events of a request', () => {
    const [second, first] = readTritonTrace(JSON.stringify(events));
    expect(first).toMatchObject({
      id: 1,
      model: 'resnet',
      version: 1,
      parentId: undefined,
    });
    expect([...(first?.ns ?? [])]).toEqual([
      ['GRPC_WAITREAD_START', 0],
      ['GRPC_WAITREAD_END', 9000],
      ['QUEUE_START', 10_000],
    ]);
    expect(second?.model).toBe('bert');
  });

  test('requests arrive when they have been read; those made by others are left out', () => {
    const trace = importTritonTrace(JSON.stringify(events));
    expect([...trace.arrivalUs]).toEqual([0, 3]);
    expect([...trace.tenant].map((index) => trace.tenants[index])).toEqual(['resnet', 'bert']);
  });

  test('requests over HTTP arrive when they have been read, however long the server then took to begin', () => {
    const http = [
      { id: 1, model_name: 'a' },
      { id: 2, model_name: 'b' },
      stamp(1, 'HTTP_RECV_END', 1000),
      stamp(1, 'REQUEST_START', 50_000),
      stamp(2, 'HTTP_RECV_END', 20_000),
      stamp(2, 'REQUEST_START', 21_000),
    ];
    const trace = importTritonTrace(JSON.stringify(http));
    expect([...trace.arrivalUs]).toEqual([0, 19]);
    expect([...trace.tenant].map((index) => trace.tenants[index])).toEqual(['a', 'b']);
  });

  test('that of an old server has one event per request and names in small letters', () => {
    const old = [
      {
        model_name: 'simple',
        model_version: -1,
        id: 1,
        timestamps: [
          { name: 'http recv end', ns: 7000 },
          { name: 'queue start', ns: 8000 },
        ],
      },
    ];
    const trace = importTritonTrace(JSON.stringify(old));
    expect(trace.tenants).toEqual(['simple']);
    expect([...trace.arrivalUs]).toEqual([0]);
  });

  test('those of two servers, whose requests have the same ids, are refused in one line', () => {
    const other = events.map((event) =>
      'timestamps' in event ? stamp(event.id, event.timestamps[0]!.name, event.timestamps[0]!.ns + 5) : event,
    );
    const found = problemsOf(() => readTritonTrace(JSON.stringify([...events, ...other])));
    expect(found).toMatchObject([
      {
        what: 'two requests have the same id (3 of the ids, the first 2)',
        remedy: expect.stringContaining('of one server only'),
      },
    ]);
    expect(readTritonTrace(JSON.stringify([...events, ...events]))).toHaveLength(3);
  });

  test('mistakes are told by path', () => {
    const text = JSON.stringify([1, { id: 'x' }, { id: 1, timestamps: [{ name: 'A' }, 3] }]);
    expect(problemsOf(() => readTritonTrace(text)).map(({ path }) => path)).toEqual([
      '[0]',
      '[1]',
      '[2].timestamps[0]',
      '[2].timestamps[1]',
    ]);
    expect(problemsOf(() => readTritonTrace(JSON.stringify([stamp(1, 'QUEUE_START', 1)])))[0]?.what).toMatch(
      /no event with its model_name/,
    );
    expect(problemsOf(() => importTritonTrace('[{"id":1,"model_name":"m"}]'))[0]?.remedy).toBe(
      'trace with level TIMESTAMPS',
    );
    expect(problemsOf(() => importTritonTrace('{}'))[0]?.what).toMatch(/not a JSON array/);
  });
});
