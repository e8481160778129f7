import { expect, test } from 'vitest';
import { machineSpeeds } from '../../scripts/live/machine-speed.js';
import type { Observation } from '../../src/calibrate/observation.js';
import type { ModelStatistics } from '../../src/live/inference-client.js';

function counted(model: string, singleMs: number): ModelStatistics {
  const duration = (ms: number) => ({ count: 10, ns: ms * 1e6 * 10 });
  return {
    model,
    version: '1',
    inferenceCount: 10,
    executionCount: 10,
    success: duration(singleMs),
    fail: { count: 0, ns: 0 },
    queue: duration(0),
    computeInput: duration(0),
    computeInfer: duration(singleMs),
    computeOutput: duration(0),
    batches: [
      {
        batchSize: 1,
        computeInput: duration(0),
        computeInfer: duration(singleMs),
        computeOutput: duration(0),
      },
    ],
  };
}

function alone(model: string, singleMs: number): Observation {
  return {
    experiment: { kind: 'alone', id: `${model}/alone`, model, busyShare: 0.4 },
    measuredAt: '2026-11-27T13:39:28.887Z',
    durationS: 9,
    clients: [],
    statistics: [counted(model, singleMs)],
    generator: {
      lagMs: { p50: 0, p99: 0, max: 0 },
      stalls: { count: 0, longestMs: 0, totalMs: 0 },
      fellBehind: false,
      verdict: '',
    },
  };
}

const runsOf = (group: 'onnx' | 'sleeping', models: readonly string[], singlesMs: readonly number[]) => ({
  live: { group, loads: models.map((model) => ({ model, load: {} })) },
  runs: singlesMs.map((ms) => ({ statistics: models.map((model) => counted(model, ms)) })),
});

test('a network that had the server for itself is compared with the loads of its calibration, run by run', () => {
  const observations = [alone('mlp', 3), alone('mlp', 3.5), alone('mobilenet', 2)];
  expect(machineSpeeds([runsOf('onnx', ['mlp'], [4, 4.5, 4.25])], observations)).toEqual([
    { model: 'mlp', calibratedMs: [3, 3.5], runsMs: [4, 4.5, 4.25] },
  ]);
});

test('cases of several tenants, of sleeping models, and of models never calibrated alone say nothing about the machine', () => {
  const cases = [
    runsOf('onnx', ['mlp', 'mobilenet'], [4]),
    runsOf('sleeping', ['mlp'], [4]),
    runsOf('onnx', ['other'], [4]),
  ];
  expect(machineSpeeds(cases, [alone('mlp', 3), alone('mobilenet', 2)])).toEqual([]);
});
