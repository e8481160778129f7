import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A run of the command line, from the start of the process to its end. */
export interface SimulateCase {
  readonly name: string;
  /** Words of the command line; undefined: those of `npm start`. */
  readonly words: readonly string[] | undefined;
  /** It takes so long that it runs once, whatever is asked for. */
  readonly isLong?: boolean;
}

const SHIPPED = fileURLToPath(new URL('../../calibration/t4', import.meta.url));
const PROFILE = 'resnet50-onnx-trt-fp16';
/** Mean milliseconds of an inference by batch size: what the bench serves, so that its figures do not move with shipped profiles. */
const INFER_MS = { 1: 3.003, 2: 3.998, 4: 5.747, 8: 8.998, 16: 15.113, 32: 28.353, 64: 53.187, 128: 100.155 };
const DURATION_S = 100;

interface Fleet {
  readonly models: number;
  readonly gpus: number;
  readonly requests: number;
  /** Default: 100, in which most of 10^7 requests are too many for the devices and are never answered. */
  readonly durationS?: number;
  /** Default: one for each model, in the file; of more there is a table. */
  readonly tenants?: number;
  /** The shipped profile, whose front end takes time for each request: all models of the server then wait for its threads. */
  readonly frontEnd?: boolean;
  /** The host's cores and network can run short. */
  readonly host?: boolean;
}

/** Writes the scenarios of all cases into a folder. */
export function simulateCases(folder: string): SimulateCase[] {
  const fleet20 = { models: 20, gpus: 8, requests: 1e6 };
  const run = (name: string, fleet: Fleet, ...more: string[]): SimulateCase => ({
    name,
    words: ['simulate', writeFleet(folder, name, fleet), ...more],
  });
  return [
    { name: '--help', words: ['--help'] },
    { name: 'npm start', words: undefined },
    run('20 models on 8 GPUs, 10^6 requests', fleet20),
    run('20 models on 8 GPUs, 10^6 requests, --log', fleet20, '--log', join(folder, 'log.arrow')),
    run('20 models on 8 GPUs, 10^7 requests', { ...fleet20, requests: 1e7 }),
    run('20 models on 8 GPUs, 10^7 requests, --threads 2', { ...fleet20, requests: 1e7 }, '--threads', '2'),
    run('20 models on 8 GPUs, 10^7 requests, all answered', { ...fleet20, requests: 1e7, durationS: 2000 }),
    run(
      '20 models on 8 GPUs, 10^7, all answered, --threads 2',
      { ...fleet20, requests: 1e7, durationS: 2000 },
      '--threads',
      '2',
    ),
    { ...run('20 models on 8 GPUs, 10^8 requests', { ...fleet20, requests: 1e8 }), isLong: true },
    {
      ...run('20 models on 8 GPUs, 10^8 requests, all answered', {
        ...fleet20,
        requests: 1e8,
        durationS: 20_000,
      }),
      isLong: true,
    },
    run('the same with host and network, 10^6 requests', { ...fleet20, host: true }),
    run('the same with the shipped profile, 10^6 requests', { ...fleet20, frontEnd: true }),
    run('1,000 tenants of 1,000 models on 100 GPUs', { models: 1000, gpus: 100, requests: 1e6 }),
    run('1,000 tenants of 20 models on 8 GPUs', { ...fleet20, tenants: 1000 }),
    run('10,000 tenants of 20 models on 8 GPUs', { ...fleet20, tenants: 10_000 }),
    run('10,000 tenants of 1,000 models on 100 GPUs', {
      models: 1000,
      gpus: 100,
      requests: 1e6,
      tenants: 10_000,
    }),
  ];
}

function writeFleet(folder: string, name: string, fleet: Fleet): string {
  const { models, gpus, requests, tenants = models, host = false, frontEnd = false } = fleet;
  const { durationS = DURATION_S } = fleet;
  const base = join(folder, name.replaceAll(/\W+/g, '-'));
  const rows = Array.from({ length: tenants }, (_, i) => ({
    name: `t${i}`,
    model: `m${i % models}`,
    ratePerS: requests / durationS / tenants,
  }));
  const isTable = tenants > models;
  if (isTable) writeFileSync(`${base}.csv`, tableOf(rows));
  const document = {
    perseus: 1,
    name: 'fleet',
    durationS,
    warmUpS: 5,
    profiles: [frontEnd ? SHIPPED : writeProfile(folder)],
    servers: [
      {
        name: 's',
        devices: Array.from({ length: gpus }, (_, i) => ({
          name: `g${i}`,
          kind: 'Tesla T4',
          sharing: 'streams',
        })),
        models: Array.from({ length: models }, (_, i) => modelOn(i, i % gpus)),
        ...(host && { cpuCores: 16, network: { bandwidthMbps: 10_000 } }),
      },
    ],
    ...(isTable ? { tenantsFile: `${base}.csv` } : { tenants: rows.map(asTenant) }),
  };
  writeFileSync(`${base}.json`, JSON.stringify(document));
  return `${base}.json`;
}

/** Of executions alone: nothing before them, around them or after them takes time. */
function writeProfile(folder: string): string {
  const path = join(folder, `${PROFILE}.profile.json`);
  const {
    serving: _,
    validation: _v,
    ...shipped
  } = JSON.parse(readFileSync(join(SHIPPED, `${PROFILE}.profile.json`), 'utf8'));
  const profile = {
    ...shipped,
    service: Object.entries(INFER_MS).map(([batchSize, inferMs]) => ({
      batchSize: Number(batchSize),
      inputMs: 0,
      inferMs,
      outputMs: 0,
      executions: 0,
      relativeError: 0,
    })),
    frontEnd: { perRequestUs: 0, perKilobyteUs: 0 },
    response: { fixedUs: 0, perRequestUs: 0, perKilobyteUs: 0 },
  };
  writeFileSync(path, JSON.stringify(profile));
  return path;
}

function modelOn(model: number, gpu: number) {
  const config = {
    max_batch_size: 16,
    dynamic_batching: {},
    instance_group: [{ kind: 'KIND_GPU', count: 1, gpus: [gpu] }],
  };
  return { name: `m${model}`, profile: PROFILE, config };
}

interface Sender {
  readonly name: string;
  readonly model: string;
  readonly ratePerS: number;
}

const SLO = { percentile: 99, limitMs: 100 };

function asTenant({ name, model, ratePerS }: Sender) {
  return { name, model, load: { process: { kind: 'poisson', ratePerS } }, slo: SLO };
}

function tableOf(rows: readonly Sender[]): string {
  const lines = rows.map(({ name, model, ratePerS }) =>
    [name, model, ratePerS, ...Object.values(SLO)].join(),
  );
  return ['name,model,ratePerS,slo.percentile,slo.limitMs', ...lines].map((line) => `${line}\n`).join('');
}
