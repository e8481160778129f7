import { afterEach, describe, expect, it } from 'vitest';
import type { InferenceClient, ModelStatistics } from '../../src/live/inference-client.js';
import { buildInputs } from '../../src/live/input-data.js';
import { restingStatistics } from '../../src/live/resting-statistics.js';
import { subtractStatistics } from '../../src/live/statistics.js';
import { connectTriton } from '../../src/live/triton/connect.js';
import { type MemoryTriton, startMemoryTriton } from '../support/memory-triton.js';

const sum = (count: number, ns: number) => ({ count, ns });

function statistics(
  model: string,
  batches: readonly (readonly [size: number, count: number])[],
): ModelStatistics {
  const executions = batches.reduce((total, [, count]) => total + count, 0);
  const durations = sum(executions, executions * 1000);
  return {
    model,
    version: '1',
    inferenceCount: batches.reduce((total, [size, count]) => total + size * count, 0),
    executionCount: executions,
    success: durations,
    fail: sum(0, 0),
    queue: durations,
    computeInput: durations,
    computeInfer: durations,
    computeOutput: durations,
    batches: batches.map(([batchSize, count]) => ({
      batchSize,
      computeInput: sum(count, count * 10),
      computeInfer: sum(count, count * 1000),
      computeOutput: sum(count, count * 20),
    })),
  };
}

describe('the difference of two readings', () => {
  it('is what was counted in between, with the batch sizes that were executed in between', () => {
    const before = [
      statistics('a', [
        [1, 5],
        [2, 3],
      ]),
    ];
    const after = [
      statistics('a', [
        [1, 5],
        [2, 4],
        [8, 2],
      ]),
    ];
    const [difference] = subtractStatistics(after, before);
    expect(difference).toMatchObject({ inferenceCount: 18, executionCount: 3, success: sum(3, 3000) });
    expect(difference!.batches.map(({ batchSize, computeInfer }) => [batchSize, computeInfer])).toEqual([
      [2, sum(1, 1000)],
      [8, sum(2, 2000)],
    ]);
  });

  it('is the later reading where there was none before, and nothing for what is gone', () => {
    const later = statistics('b', [[1, 1]]);
    expect(subtractStatistics([later], [statistics('a', [[1, 5]])])).toEqual([later]);
  });

  it('is nothing between equal readings', () => {
    const reading = statistics('a', [
      [1, 5],
      [4, 2],
    ]);
    expect(subtractStatistics([reading], [reading])).toEqual([statistics('a', [])]);
  });

  it('is an error where a model was loaded anew in between', () => {
    const readings = [[statistics('a', [[1, 1]])], [statistics('a', [[1, 5]])]] as const;
    expect(() => subtractStatistics(...readings)).toThrow(/"a" went back: it was loaded anew in between/);
  });

  it('is an error also where it has counted more since than before, of other batches', () => {
    const readings = [[statistics('a', [[2, 9]])], [statistics('a', [[1, 5]])]] as const;
    expect(() => subtractStatistics(...readings)).toThrow(/"a" went back/);
  });
});

describe('statistics of a server at rest', () => {
  let server: MemoryTriton | undefined;
  let client: InferenceClient | undefined;

  afterEach(async () => {
    client?.close();
    await server?.stop();
  });

  it('are those of a server that counts after it has answered, once two readings say the same', async () => {
    server = await startMemoryTriton({ models: { resnet: { readingsBehind: 1 } } });
    client = connectTriton({ url: server.url });
    const { config } = await client.modelConfig('resnet');
    const inputs = buildInputs(config, { batchSize: 2 });
    const request = client.prepare({ model: 'resnet', batchSize: 2, inputs });
    const send = () => new Promise<void>((resolve) => client!.send(request, () => resolve()));
    await Promise.all(Array.from({ length: 5 }, send));
    expect(await restingStatistics(client, ['resnet'])).toMatchObject([
      { success: { count: 5 }, inferenceCount: 10, executionCount: 5 },
    ]);
    expect(server!.calls.filter(({ method }) => method === 'ModelStatistics')).toHaveLength(3);
  });
});
