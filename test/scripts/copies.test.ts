import { describe, expect, it } from 'vitest';
import { copiedRows, offBy } from '../../scripts/copies/laws.js';
import type { NvidiaTable } from '../../scripts/nvidia/tables.js';
import { plainConfig } from '../../scripts/support/made-scenario.js';

const row = (requestBatch: number, input: number, infer: number, concurrency = 1) => ({
  ...{ concurrency, requestBatch, meanLatencyMs: input + infer },
  splitMs: { outside: 0, queue: 0, input, infer, output: 0 },
});

/** Copies take 0.1 ms and 0.1 ms an inference; online two instances execute batches of 4 in 4 ms each. */
function table(requestBytes: number, onlineInputMs: number): NvidiaTable {
  const online = row(1, onlineInputMs, 4 - onlineInputMs, 16);
  return {
    ...{ name: 'any', page: 'any', device: 'any', family: 'any', isCnn: false, unit: 1 },
    setups: [
      {
        ...{ model: 'any', device: 'any', instances: 2, protocol: 'http' },
        config: plainConfig('any', 8),
        payload: { requestBytes, responseBytes: 0 },
      },
    ],
    offline: [1, 2, 8].map((batch) => ({ ...row(batch, 0.1 + 0.1 * batch, 2), inferencesPerS: 1000 })),
    online: [{ ...online, inferencesPerS: 2000 }],
  };
}

describe('input copies of many clients', () => {
  it('take a lone client’s time for the batch that throughput tells, more where they meet on a bus or go by bytes', () => {
    const [{ measuredMs, predictedMs } = {}] = copiedRows(table(10_240, 1), 10);
    expect(measuredMs).toBe(1);
    expect(predictedMs!.none).toBeCloseTo(0.5);
    // The other copies for as large a part of the time: x = 0.5 (1 + x / (3 + x)).
    expect(predictedMs!.bus).toBeCloseTo(0.5 * (1 + predictedMs!.bus / (3 + predictedMs!.bus)));
    expect(predictedMs!.bytes).toBeCloseTo(0.5 + 4 * 10 * 0.01);
  });

  it('are told by no table without the size of a request', () => {
    expect(copiedRows(table(0, 1), 10)).toEqual([]);
  });

  it('are off by a factor, whichever way', () => {
    const rows = [...copiedRows(table(1, 1), 0), ...copiedRows(table(1, 0.25), 0)];
    expect(offBy(rows, 'none').factor).toBeCloseTo(1);
    expect(offBy(rows, 'none').size).toBeCloseTo(2);
  });
});
