import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { RandomStreams } from '../../src/base/random.js';
import { type PreparedSweep, prepareSweep } from '../../src/node/sweep/prepare-sweep.js';

/** ResNet-50 on a T4, measured; here without host or network, whose cores would be the next thing to limit it. */
const MODEL = `{max_batch_size: 16, instance_group: [{kind: KIND_GPU}],
        dynamic_batching: {max_queue_delay_microseconds: 1000}}`;
/** The same as a file: a walk of many placements would be too long a text with it in every model. */
const CONFIG = 'c';
const PBTXT = `max_batch_size: 16
instance_group [ { kind: KIND_GPU } ]
dynamic_batching { max_queue_delay_microseconds: 1000 }
`;
/** Requests per second in full batches of 16, of which one takes 15.113 ms, and the share of them that is offered. */
const FULL_RATE = 16 / 0.015113;
const LOAD = 0.7;
export const T4 = resolve(import.meta.dirname, '../../calibration/t4');

/** One model under a load of so many requests. */
export function oneModel(requests: number): string {
  const ratePerS = Math.round(FULL_RATE * LOAD);
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

/** 10 batch sizes, 10 queue delays, 2 numbers of instances. */
const TWO_CORES_AXES = `axes:
  - {name: batch, vary: maxBatchSize, values: [1, 2, 3, 4, 6, 8, 12, 16, 24, 32]}
  - {name: delayUs, vary: queueDelayUs, values: [0, 100, 200, 500, 1000, 2000, 3000, 5000, 8000, 12000]}
  - {name: instances, vary: instances, values: [1, 2]}
`;
export const TWO_CORES_POINTS = 200;

/** One model in so many settings, under a load of so many requests. */
export async function twoCoresSweep(requests: number): Promise<PreparedSweep> {
  const sweep = await prepareTexts(
    oneModel(requests),
    `perseus: 1\nname: two-cores\nscenario: scenario.yaml\n${TWO_CORES_AXES}`,
  );
  if (sweep.points.length !== TWO_CORES_POINTS) throw new Error(`${sweep.points.length} points`);
  return sweep;
}

/** The measured model that all of the fleet's are. */
export const MEASURED = 'resnet50-onnx-trt-fp16';

/** Models of the fleet, the GPUs that they are on, and the GPUs' load. */
const FLEET = { models: 40, gpus: 16, load: 0.6 };

/**
 * A fleet of models under so many requests in all. The axis is who sits where: a walk as a search makes it,
 * in which every placement moves one model of the one before to another GPU.
 */
export function placementWalk(requests: number, count: number): { scenario: string; sweep: string } {
  const { names, tenants, durationS } = fleetOf(requests);
  const servers = (models: readonly (readonly number[])[]) =>
    models
      .map((own, g) =>
        serverOf(
          g,
          own.map((m) => names[m]!),
        ),
      )
      .filter((server) => server.models.length > 0);
  const [first, ...steps] = walk(count);
  const choices = Object.fromEntries(
    steps.map((models, step) => [`step${step}`, { servers: servers(models) }]),
  );
  const axes = [{ name: 'placement', choices }];
  return {
    scenario: JSON.stringify({
      perseus: 1,
      name: 'fleet',
      durationS,
      profiles: [T4],
      servers: servers(first!),
      tenants,
    }),
    sweep: JSON.stringify({ perseus: 1, name: 'walk', scenario: 'scenario.yaml', axes }),
  };
}

/** The models, their tenants, and how long so many requests of all of them take. */
export function fleetOf(requests: number) {
  const { models, gpus, load } = FLEET;
  const ratePerS = Math.round((FULL_RATE * load * gpus) / models);
  const names = Array.from({ length: models }, (_, m) => `m${m}`);
  const tenants = names.map((model) => ({
    name: `t-${model}`,
    model,
    load: { process: { kind: 'poisson', ratePerS } },
    slo: { percentile: 99, limitMs: 100 },
  }));
  return { names, tenants, durationS: requests / (models * ratePerS) };
}

/** The models on each GPU, at first and after each of so many steps. */
export function walk(count: number): number[][][] {
  const { models, gpus } = FLEET;
  const random = new RandomStreams(1).get('walk');
  const gpuOf = Array.from({ length: models }, (_, m) => m % gpus);
  const onGpus = () =>
    Array.from({ length: gpus }, (_, g) => [...gpuOf.keys()].filter((m) => gpuOf[m] === g));
  const first = onGpus();
  const steps = Array.from({ length: count }, () => {
    gpuOf[Math.floor(random.next() * models)] = Math.floor(random.next() * gpus);
    return onGpus();
  });
  return [first, ...steps];
}

function serverOf(index: number, models: readonly string[]) {
  return {
    name: `s${index}`,
    machine: { kind: 'T4', usdPerHour: 0.526 },
    devices: [{ name: 'gpu0', kind: 'Tesla T4' }],
    models: models.map((name) => ({ name, config: CONFIG, profile: MEASURED })),
  };
}

/** Prepares a sweep of these texts in a folder that is there only meanwhile. */
export async function prepareTexts(scenario: string, sweep: string): Promise<PreparedSweep> {
  const folder = mkdtempSync(join(tmpdir(), 'perseus-bench-'));
  try {
    writeFileSync(join(folder, 'scenario.yaml'), scenario);
    writeFileSync(join(folder, 'sweep.yaml'), sweep);
    writeFileSync(join(folder, CONFIG), PBTXT);
    return await prepareSweep(join(folder, 'sweep.yaml'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
