import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runScenario } from '../../src/node/runs/run-scenario.js';
import { resultHash } from '../../src/report/result-hash.js';

const folder = mkdtempSync(join(tmpdir(), 'perseus-counted-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** More than 10^7 requests for models on two devices, far more than those can serve. */
function writeScenario(): string {
  const path = join(folder, 'large.json');
  const both = [0, 1];
  const document = {
    perseus: 1,
    name: 'large',
    durationS: 20,
    profiles: [resolve('calibration/t4')],
    servers: [
      {
        name: 's',
        devices: both.map((gpu) => ({ name: `g${gpu}`, kind: 'Tesla T4', sharing: 'streams' })),
        models: both.map((gpu) => ({
          name: `m${gpu}`,
          profile: 'resnet50-onnx-trt-fp16',
          config: {
            max_batch_size: 16,
            dynamic_batching: {},
            instance_group: [{ kind: 'KIND_GPU', count: 1, gpus: [gpu] }],
          },
        })),
      },
    ],
    tenants: both.map((i) => ({
      name: `t${i}`,
      model: `m${i}`,
      load: { process: { kind: 'poisson', ratePerS: 260_000 } },
    })),
  };
  writeFileSync(path, JSON.stringify(document));
  return path;
}

describe('a run of more than 10^7 requests', () => {
  it('has the same figures on two threads, says how they are made, and loses no request', async () => {
    const path = writeScenario();
    const [one, two] = [await runScenario(path), await runScenario(path, { threads: 2 })];
    expect(resultHash(two.report.summary)).toBe(resultHash(one.report.summary));
    expect(one.report.warnings.map(({ code }) => code)).toContain('counted-latencies');
    const { counts } = one.report.summary.total;
    expect(counts.offered).toBeGreaterThan(1e7);
    expect(counts.completed + counts.inFlightAtEnd).toBe(counts.offered);
    expect(counts.completed).toBeGreaterThan(10_000);
  });
});
