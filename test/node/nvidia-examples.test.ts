import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { mean } from 'simple-statistics';
import { describe, expect, it } from 'vitest';
import { loadScenario } from '../../src/node/scenario/scenario-files.js';
import { simulate } from '../../src/simulator/simulate.js';
import { Outcome } from '../../src/trace/request-log.js';

const ROOT = join(import.meta.dirname, '../..');
const { points } = JSON.parse(readFileSync(join(ROOT, 'results/nvidia/points.json'), 'utf8')) as {
  readonly points: readonly {
    readonly tenant: string;
    readonly metric: string;
    readonly predicted: number;
  }[];
};

/** The row of the page that an example plays. */
const ROWS = {
  'nvidia-tensorrt': 'tft-trt-fp16@A30, 64 clients',
  'nvidia-onnx': 'resnet50-onnx-trt-fp16@V100-32GB, 64 clients',
  'nvidia-pytorch': 'fastpitch-pytorch-fp32@V100-32GB, 8 clients',
  'nvidia-tensorflow': 'resnet50-tensorflow-fp16@V100-32GB, 128 clients',
} as const;

describe("an example of NVIDIA's tables", () => {
  it.each(Object.entries(ROWS))('%s predicts what the page says of %s', async (name, row) => {
    const { scenario } = await loadScenario(join(ROOT, `examples/scenarios/${name}.yaml`));
    const { log } = simulate(scenario);
    const counted = [...log.sentUs.keys()].filter(
      (row) => log.sentUs[row]! >= scenario.warmUpUs && log.outcome[row] === Outcome.completed,
    );
    const meanMs = mean(counted.map((row) => (log.endedUs[row]! - log.sentUs[row]!) / 1000));
    const page = points.find(({ tenant, metric }) => tenant === row && metric === 'meanMs')!;
    // Two runs of some thousands of requests each.
    expect(meanMs / page.predicted).toBeCloseTo(1, 1);
  });
});
