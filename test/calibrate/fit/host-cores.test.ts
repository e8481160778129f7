import { expect, it } from 'vitest';
import { fitHostCores } from '../../../src/calibrate/fit/threads/host-cores.js';
import type { Observation } from '../../../src/calibrate/observation.js';

const none = { count: 0, ns: 0 };

/** Ten seconds of a model that was never without work: executions took `executedS` of them. */
function saturated(
  used: { readonly machineS: number; readonly clientS: number } | undefined,
  executedS = 10,
): Observation {
  const infer = { count: 1000, ns: executedS * 1e9 };
  return {
    experiment: { kind: 'saturated', id: 'm/saturated-8', model: 'm', batchSize: 8, concurrency: 3 },
    measuredAt: '2026-01-01T00:00:00Z',
    durationS: 10,
    clients: [],
    statistics: [
      {
        model: 'm',
        version: '1',
        inferenceCount: 8000,
        executionCount: 1000,
        success: none,
        fail: none,
        queue: none,
        computeInput: none,
        computeInfer: infer,
        computeOutput: none,
        batches: [{ batchSize: 8, computeInput: none, computeInfer: infer, computeOutput: none }],
      },
    ],
    generator: {
      lagMs: { p50: 0, p99: 0, max: 0 },
      stalls: { count: 0, longestMs: 0, totalMs: 0 },
      fellBehind: false,
      verdict: '',
    },
    ...(used && { cpu: { ...used, otherS: 0 } }),
  };
}

it('a model whose executions wait keeps no core busy', () => {
  expect(fitHostCores([saturated({ machineS: 3, clientS: 1 })], 'm')).toBe(0);
});

it('a model that computes keeps one busy, whatever the client takes', () => {
  expect(fitHostCores([saturated({ machineS: 11.5, clientS: 0.5 })], 'm')).toBe(1);
  expect(fitHostCores([saturated({ machineS: 18, clientS: 8 })], 'm')).toBe(1);
});

it('a model of several threads keeps several busy', () => {
  expect(fitHostCores([saturated({ machineS: 41, clientS: 0.5 })], 'm')).toBe(4);
});

it('a model whose executions take microseconds keeps no more cores busy than there are', () => {
  const brief = saturated({ machineS: 12, clientS: 1 }, 0.003);
  expect(fitHostCores([brief], 'm', 2)).toBe(2);
  expect(fitHostCores([brief], 'm')).toBe(1024);
});

it('of two points the one with less of the server in it counts', () => {
  const few = saturated({ machineS: 10.2, clientS: 0.1 });
  const many = saturated({ machineS: 19, clientS: 1 });
  expect(fitHostCores([many, few], 'm')).toBe(1);
});

it('nothing is said where the cores were not seen or nothing was executed', () => {
  expect(fitHostCores([saturated(undefined)], 'm')).toBe(0);
  expect(fitHostCores([saturated({ machineS: 10, clientS: 0 }, 0)], 'm')).toBe(0);
  expect(fitHostCores([], 'm')).toBe(0);
});
