import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/base/problem.js';
import { readPerfAnalyzerCsv } from '../../../src/calibrate/import/perf-analyzer-csv.js';

/** As in perf_analyzer's own documentation. */
const CLOSED_LOOP = `Concurrency,Inferences/Second,Client Send,Network+Server Send/Recv,Server Queue,Server Compute Input,Server Compute Infer,Server Compute Output,Client Recv,p50 latency,p90 latency,p95 latency,p99 latency
1,69.2,225,2148,64,206,11781,19,0,13891,18795,19753,21018
3,84.2,237,1768,21673,209,11742,17,0,35398,43984,47085,51701
`;

/** Written by perf_analyzer 2.51 with --verbose-csv --collect-metrics against a CPU server. */
const RATES = `Request Rate,Inferences/Second,Client Send,Network+Server Send/Recv,Server Queue,Server Compute Input,Server Compute Infer,Server Compute Output,Client Recv,p50 latency,p90 latency,p95 latency,p99 latency,Avg latency,request/response,response wait,Avg GPU Utilization,Avg GPU Power Usage,Max GPU Memory Usage,Total GPU Memory
60,47.1669,13,1043,987,34,3499,186,3,4103,9953,11766,13965,5768,16,5719,,,,
`;

/** The same with -a on a server whose batches of 8 take 4.5 ms, and a row without any queue. */
const OVERLOADED = `Request Rate,Inferences/Second,Client Send,Network+Server Send/Recv,Server Queue,Server Compute Input,Server Compute Infer,Server Compute Output,Client Recv,p50 latency,p90 latency,p95 latency,p99 latency,Avg latency,request/response,response wait
800,803.525,5,27461,51602,78,6251,419,0,51361,228445,288178,355496,85819,5,85764
2000,1497.89,3,2768,1154954,76,4603,415,0,1118801,1780372,1839859,1900002,1162821,3,1162812
60,47.1669,13,1043,987,34,3499,186,3,4103,9953,11766,13965,5768,16,5719
`;

const problemsOf = (text: string) => {
  try {
    readPerfAnalyzerCsv(text, { file: 'perf.csv' });
  } catch (error) {
    if (error instanceof InputError) return error.problems;
    throw error;
  }
  return [];
};

describe('readPerfAnalyzerCsv', () => {
  it('reads clients, throughput and the split of the mean latency, in milliseconds', () => {
    const [first, second] = readPerfAnalyzerCsv(CLOSED_LOOP, { file: 'perf.csv', requestBatch: 4 });
    expect(first!.place).toEqual({ file: 'perf.csv', line: 2 });
    expect(first!.observation).toMatchObject({
      concurrency: 1,
      requestBatch: 4,
      inferencesPerS: 69.2,
      splitMs: { queue: 0.064, input: 0.206, infer: 11.781, output: 0.019 },
    });
    expect(first!.observation.meanLatencyMs).toBeCloseTo(14.443, 9);
    expect(first!.observation.splitMs!.outside).toBeCloseTo(2.373, 9);
    expect(second!.observation.percentilesMs).toContainEqual({ percentile: 99, ms: 51.701 });
  });

  it('reads request rates as open loops, with the mean of --verbose-csv', () => {
    const { observation } = readPerfAnalyzerCsv(RATES, { arrivals: 'poisson' })[0]!;
    expect(observation).toMatchObject({
      openLoop: { requestsPerS: 60, arrivals: 'poisson' },
      meanLatencyMs: 5.768,
    });
    expect(observation.concurrency).toBeCloseTo(47.1669 * 5.768e-3, 9);
  });

  it('reads rates that were not reached as clients: how many were in flight, and what they were to be', () => {
    const [reached, beyond, alone] = readPerfAnalyzerCsv(OVERLOADED, { arrivals: 'poisson' }).map(
      ({ observation }) => observation,
    );
    expect(reached).toMatchObject({ openLoop: { requestsPerS: 800 } });
    expect(beyond).toMatchObject({
      concurrency: 1742,
      overload: { requestsPerS: 2000, arrivals: 'poisson' },
      meanLatencyMs: 1162.821,
    });
    expect(beyond!.openLoop).toBeUndefined();
    // Too few by chance in a short window: nothing waited.
    expect(alone).toMatchObject({ openLoop: { requestsPerS: 60 } });
  });

  it('knows that evenly sent requests are not fewer by chance', () => {
    const table =
      'Request Rate,Inferences/Second,Avg latency\n300,278.977,40019\n100,99.8616,7531\n200,199.734,5239\n';
    const isOverload = (arrivals: 'constant' | 'poisson') =>
      readPerfAnalyzerCsv(table, { arrivals }).map(({ observation }) => observation.overload !== undefined);
    expect(isOverload('constant')).toEqual([true, false, false]);
    expect(isOverload('poisson')).toEqual([false, false, false]);
  });

  it('takes the mean from clients and throughput where neither split nor mean is given', () => {
    const [row] = readPerfAnalyzerCsv('Concurrency,Inferences/Second\n8,400\n', { requestBatch: 2 });
    expect(row!.observation.meanLatencyMs).toBeCloseTo(40, 9);
    expect(row!.observation.splitMs).toBeUndefined();
  });

  it('reads files that were put together, blank lines and CRLF', () => {
    const rows = readPerfAnalyzerCsv(`${CLOSED_LOOP}\n${RATES}`.replaceAll('\n', '\r\n'));
    expect(rows.map(({ observation }) => observation.openLoop !== undefined)).toEqual([false, false, true]);
  });

  it('names every wrong line', () => {
    const text = CLOSED_LOOP.replace('69.2', 'nan')
      .replace('21673', '-5')
      .concat('4,84\n5,0,1,1,1,1,1,1,1,1,1,1,1\n');
    const lines = problemsOf(text).map(({ line, path }) => [line, path]);
    expect(lines).toEqual([
      [2, 'Inferences/Second'],
      [3, 'Server Queue'],
      [4, undefined],
      [5, 'Inferences/Second'],
    ]);
  });

  it('says in one line that a file is the export of single requests, or the table of another tool', () => {
    const exported = JSON.stringify({ experiments: [{ requests: [] }] });
    expect(problemsOf(exported)).toMatchObject([{ what: 'this is JSON' }]);
    const genai =
      'Metric,avg,min,max\nRequest Latency (ms),12.1,1,2\n\nMetric,Value\nRequest Throughput (per sec),3\n';
    expect(problemsOf(genai)).toMatchObject([
      { line: 1, what: 'the head names neither Concurrency nor Request Rate' },
    ]);
  });

  it.each([
    [';', 'semicolons'],
    ['\t', 'tabs'],
  ])('says in one line that a table was saved with %j between its cells', (divider, name) => {
    const [problem, ...others] = problemsOf(`\uFEFF${CLOSED_LOOP.replaceAll(',', divider)}`);
    expect(problem).toMatchObject({ line: 1, what: `the cells are divided by ${name}` });
    expect(others).toEqual([]);
  });

  it('reads perf_client of before 20.08, which did not tell the phases of an execution apart', () => {
    const old = `Concurrency,Inferences/Second,Client Send,Network+Server Send/Recv,Server Queue,Server Compute,Client Recv,p50 latency,p90 latency,p95 latency,p99 latency
1,160.8,68,1291,38,4801,7,6212,6289,6328,7407
`;
    const { observation } = readPerfAnalyzerCsv(old)[0]!;
    expect(observation.splitMs).toMatchObject({ queue: 0.038, input: 0, infer: 4.801, output: 0 });
    expect(observation.meanLatencyMs).toBeCloseTo(6.205, 9);
  });

  it('refuses a split of which a part was taken out: what waited would count as something else', () => {
    const cut = CLOSED_LOOP.replace('Server Queue', 'Queue');
    expect(problemsOf(cut).map(({ line, path, what }) => [line, path, what])).toEqual([
      [2, 'Server Queue', 'is missing'],
      [3, 'Server Queue', 'is missing'],
    ]);
  });

  it('refuses answers of the response cache, and tables without results', () => {
    const cached = 'Concurrency,Inferences/Second,Server Cache Hit\n1,10,5\n';
    expect(problemsOf(cached)[0]!.what).toContain('response cache');
    expect(problemsOf('Concurrency,Inferences/Second\n')[0]!.what).toBe('there are no results');
    expect(problemsOf('')).toHaveLength(1);
  });
});
