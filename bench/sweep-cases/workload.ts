import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type PreparedSweep, prepareSweep } from '../../src/node/sweep/prepare-sweep.js';

/** ResNet-50 on a T4, measured; here without host or network, whose cores would be the next thing to limit it. */
const MODEL = `{max_batch_size: 16, instance_group: [{kind: KIND_GPU}],
        dynamic_batching: {max_queue_delay_microseconds: 1000}}`;
const T4 = resolve(import.meta.dirname, '../../calibration/t4');

/** One model under a load of so many requests. */
export function oneModel(requests: number): string {
  const ratePerS = 500;
  return `perseus: 1
name: bench
durationS: ${requests / ratePerS}
profiles: [${JSON.stringify(T4)}]
servers:
  - name: t4
    machine: {kind: g4dn.xlarge, usdPerHour: 0.526, priceSource: bench}
    devices: [{name: gpu0, kind: Tesla T4}]
    models: [{name: resnet50, config: ${MODEL}, profile: resnet50-onnx-trt-fp16}]
tenants:
  - name: photos
    model: resnet50
    load: {process: {kind: poisson, ratePerS: ${ratePerS}}}
    slo: {percentile: 99, limitMs: 50}
`;
}

/**
 * Ten tenants with a model each on four GPUs, so many requests in all. Who sits where is the axis: each
 * placement is a choice that puts every model on one of the servers.
 */
export function placements(requests: number, count: number): { scenario: string; sweep: string } {
  const tenants = 10;
  const ratePerS = 60;
  const names = Array.from({ length: tenants }, (_, t) => `m${t}`);
  const server = (index: number, models: readonly string[]) => ({
    name: `t4-${index}`,
    machine: { kind: 'g4dn.xlarge', usdPerHour: 0.526, priceSource: 'bench' },
    devices: [{ name: 'gpu0', kind: 'Tesla T4' }],
    models: models.map((name) => ({ name, config: configOf(), profile: 'resnet50-onnx-trt-fp16' })),
  });
  const placement = (seed: number) => {
    // A small generator of its own: which placements these are matters to nobody.
    let state = seed * 2654435761 + 1;
    const place = names.map(() => {
      state = (state * 1664525 + 1013904223) % 2 ** 32;
      return Math.floor((state / 2 ** 32) * 4);
    });
    const groups = [0, 1, 2, 3].map((s) => names.filter((_, t) => place[t] === s));
    return groups.flatMap((models, s) => (models.length === 0 ? [] : [server(s, models)]));
  };
  const scenario = {
    perseus: 1,
    name: 'bench',
    durationS: requests / (tenants * ratePerS),
    profiles: [T4],
    servers: placement(0),
    tenants: names.map((model) => ({
      name: `t-${model}`,
      model,
      load: { process: { kind: 'poisson', ratePerS } },
      slo: { percentile: 99, limitMs: 100 },
    })),
  };
  const choices = Object.fromEntries(
    Array.from({ length: count }, (_, i) => [`p${i}`, { servers: placement(i + 1) }]),
  );
  const sweep = {
    perseus: 1,
    name: 'placements',
    scenario: 'scenario.yaml',
    axes: [{ name: 'placement', choices }],
  };
  return { scenario: JSON.stringify(scenario), sweep: JSON.stringify(sweep) };
}

function configOf() {
  return {
    max_batch_size: 16,
    instance_group: [{ kind: 'KIND_GPU' }],
    dynamic_batching: { max_queue_delay_microseconds: 1000 },
  };
}

/** Prepares a sweep of these texts in a folder that is there only meanwhile. */
export async function prepareTexts(scenario: string, sweep: string): Promise<PreparedSweep> {
  const folder = mkdtempSync(join(tmpdir(), 'perseus-bench-'));
  try {
    writeFileSync(join(folder, 'scenario.yaml'), scenario);
    writeFileSync(join(folder, 'sweep.yaml'), sweep);
    return await prepareSweep(join(folder, 'sweep.yaml'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
