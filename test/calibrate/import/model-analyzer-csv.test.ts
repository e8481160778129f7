import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { InputError } from '../../../src/base/problem.js';
import { readModelAnalyzerCsv } from '../../../src/calibrate/import/model-analyzer-csv.js';
import { summarySetup } from '../../../src/calibrate/import/summary-setup.js';
import { config } from '../../support/scenario.js';

const HEAD =
  'Model,Batch,Concurrency,Model Config Path,Instance Group,Max Batch Size,Satisfies Constraints,Throughput (infer/sec),p99 Latency (ms)';
const TABLE = `${HEAD}
bert,1,16,bert_config_2,2:GPU,8,Yes,900.0,25.0
bert,1,1,bert_config_2,2:GPU,8,Yes,190.0,6.1
bert,1,1,bert_config_default,1/GPU,8,No,185.0,6.2

`;

function problemsOf(text: string): InputError['problems'] {
  try {
    readModelAnalyzerCsv(text, { file: 'metrics.csv' });
  } catch (error) {
    return (error as InputError).problems;
  }
  return [];
}

describe('readModelAnalyzerCsv', () => {
  it('reads a configuration after the other, with instances and largest batch', () => {
    const [first, second] = readModelAnalyzerCsv(TABLE);
    expect(first).toMatchObject({
      model: 'bert',
      variant: 'bert_config_2',
      instances: 2,
      kind: 'GPU',
      maxBatchSize: 8,
    });
    expect(first!.rows).toHaveLength(2);
    expect(second).toMatchObject({ variant: 'bert_config_default', instances: 1 });
  });

  it('takes rows of a model that is called as its column for rows, and the head of a further table for a head', () => {
    const rows = TABLE.trim().replaceAll('\nbert,', '\nmodel,');
    const [first, second] = readModelAnalyzerCsv(`${rows}\n${rows}\n`);
    expect(first).toMatchObject({ model: 'model', variant: 'bert_config_2' });
    expect([first!.rows.length, second!.rows.length]).toEqual([4, 2]);
  });

  it('reads instances whose place the configuration leaves to Triton or to the model', () => {
    for (const kind of ['AUTO', 'MODEL']) {
      const [first] = readModelAnalyzerCsv(TABLE.replaceAll('2:GPU', `2:${kind}`));
      expect(first).toMatchObject({ variant: 'bert_config_2', instances: 2 });
    }
  });

  it('tells the mean latency by clients and throughput, which is all that a default table has', () => {
    const { rows } = readModelAnalyzerCsv(TABLE)[0]!;
    const means = rows.map(({ observation }) => observation.meanLatencyMs);
    expect(means[0]).toBeCloseTo(17.78, 2);
  });

  it('reads the split where the table was asked for it', () => {
    const head = `${HEAD},Avg Latency (ms),Server Queue time (ms),Server Compute Input time (ms),Server Compute Infer time (ms),Server Compute Output time (ms)`;
    const [first] = readModelAnalyzerCsv(`${head}\nm,1,2,m_config_0,1:CPU,4,Yes,100,30,20,5,0.5,12,0.1\n`);
    expect(first!.rows[0]!.observation.splitMs).toMatchObject({
      queue: 5,
      input: 0.5,
      infer: 12,
      output: 0.1,
    });
    expect(first!.rows[0]!.observation.splitMs!.outside).toBeCloseTo(2.4, 9);
  });

  it('tells of several models at once only that, not that every cell is a list', () => {
    const text = readFileSync('test/calibrate/import/metrics-model-inference.csv', 'utf8');
    const problems = problemsOf(text);
    expect(problems.length).toBeGreaterThan(1);
    expect(new Set(problems.map(({ path }) => path))).toEqual(new Set(['Model']));
  });

  it('takes no split of which a part was not asked for', () => {
    const head = `${HEAD},Avg Latency (ms),Server Compute Infer time (ms)`;
    const [first] = readModelAnalyzerCsv(`${head}\nm,1,2,m_config_0,1:CPU,4,Yes,100,30,20,12\n`);
    expect(first!.rows[0]!.observation).toMatchObject({ meanLatencyMs: 20 });
    expect(first!.rows[0]!.observation.splitMs).toBeUndefined();
  });

  it('names every wrong line: several models at once, odd instances, no throughput', () => {
    const text = `${HEAD}
"add,sub",1,1,"a,s",1:GPU,8,Yes,1,1
add,1,1,a,two,8,Yes,1,1
add,1,1,a,1:GPU,8,Yes,,1
`;
    expect(problemsOf(text).map(({ line, path }) => [line, path])).toEqual([
      [2, 'Model'],
      [3, 'Instance Group'],
      [4, 'Throughput (infer/sec)'],
    ]);
  });
});

describe('summarySetup', () => {
  const facts = { model: 'm', device: 'T4', protocol: 'http' } as const;

  it('says what it assumes without a configuration', () => {
    const { setup, assumed } = summarySetup(facts, 4);
    expect(setup.config.dynamicBatching).toBeUndefined();
    expect(setup.config.maxBatchSize).toBe(4);
    expect(assumed.join(' ')).toContain('execute alone');
    expect(assumed.join(' ')).toContain('One instance');
    expect(summarySetup({ ...facts, maxBatchSize: 0 }, 1).assumed.join(' ')).toContain('execute alone');
  });

  it('does not count instances that are passive: nothing executes there', () => {
    const group = { name: '', kind: 'KIND_GPU', count: 2, gpus: [], passive: false } as const;
    const given = { ...config('m', 8), instanceGroups: [group, { ...group, passive: true }] };
    expect(summarySetup({ ...facts, config: given }, 1).setup.instances).toBe(2);
  });

  it('has the instances of a group on each GPU that it names: those of other GPUs are not side by side', () => {
    const group = { name: '', kind: 'KIND_GPU', count: 2, gpus: [0, 1], passive: false } as const;
    const given = { ...config('m', 8), instanceGroups: [group] };
    expect(summarySetup({ ...facts, config: given }, 1).setup).toMatchObject({ instances: 2, devices: 2 });
  });

  it('takes the largest batch of a variant over that of the configuration', () => {
    const given = config('m', 8, { preferredBatchSizes: [4, 8] });
    const { setup } = summarySetup({ ...facts, config: given, maxBatchSize: 4 }, 1);
    expect(setup.config.maxBatchSize).toBe(4);
    expect(setup.config.dynamicBatching!.preferredBatchSizes).toEqual([4]);
  });

  it('prefers of the sizes those that a variant has room for, and its largest where none was preferred', () => {
    const preferredOf = (preferredBatchSizes: readonly number[], maxBatchSize: number) =>
      summarySetup({ ...facts, config: config('m', 8, { preferredBatchSizes }), maxBatchSize }, 1).setup
        .config.dynamicBatching!.preferredBatchSizes;
    expect([16, 8, 4].map((most) => preferredOf([4, 8], most))).toEqual([[4, 8], [4, 8], [4]]);
    expect(preferredOf([4, 8], 2)).toEqual([2]);
    // What Triton makes of a configuration without preferred sizes.
    expect([16, 8, 4].map((most) => preferredOf([8], most))).toEqual([[16], [8], [4]]);
    const single = config('m', 8);
    expect(summarySetup({ ...facts, config: single, maxBatchSize: 16 }, 1).setup.config).toEqual({
      ...single,
      maxBatchSize: 16,
    });
  });

  it('assumes nothing that a configuration or the caller says, and lets TensorRT take turns, or pipeline where it batches eagerly', () => {
    const group = { name: '', kind: 'KIND_GPU', count: 1, gpus: [], passive: false } as const;
    const given = { ...config('m', 8), instanceGroups: [group] };
    expect(summarySetup({ ...facts, config: given }, 1).assumed).toEqual([]);
    expect(summarySetup({ ...facts, config: config('m', 8), instances: 2 }, 1).assumed).toEqual([]);
    expect(summarySetup({ ...facts, config: config('m', 8) }, 1)).toMatchObject({
      setup: { instances: 1 },
      assumed: ['One instance is assumed.'],
    });
    const setupOf = (names: { backend?: string; platform?: string; eagerBatching?: boolean }) =>
      summarySetup({ ...facts, config: { ...given, ...names } }, 1).setup;
    const inTurn = { pipelined: false, takesTurns: true };
    expect(setupOf({ backend: 'tensorrt', platform: '' })).toMatchObject(inTurn);
    expect(setupOf({ backend: '', platform: 'tensorrt_plan' })).toMatchObject(inTurn);
    const eager = setupOf({ backend: 'tensorrt', platform: '', eagerBatching: true });
    expect(eager).toMatchObject({ pipelined: true, takesTurns: false });
    for (const backend of ['onnxruntime', 'tensorrtllm'])
      expect(setupOf({ backend, platform: '' })).toMatchObject({ pipelined: false, takesTurns: false });
  });
});
