import { expect, test } from 'vitest';
import { machineSpeeds } from '../../scripts/live/machine-speed.js';
import type { Observation } from '../../src/calibrate/observation.js';
import { counted, observed } from '../calibrate/fit/observed.js';

const alone = (model: string, singleMs: number): Observation =>
  observed(
    { kind: 'alone', id: `${model}/alone`, model, busyShare: 0.4 },
    { statistics: [counted(model, 10, 1000 * singleMs)] },
  );

const runsOf = (group: 'onnx' | 'sleeping', models: readonly string[], singlesMs: readonly number[]) => ({
  live: { group, loads: models.map((model) => ({ model, load: {} })) },
  runs: singlesMs.map((ms) => ({ statistics: models.map((model) => counted(model, 10, 1000 * ms)) })),
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
