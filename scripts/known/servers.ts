import type { ModelProfile } from '../../src/profile/profile.js';
import type { Serving } from '../../src/profile/serving.js';
import { plainPoint, plainProfile } from '../support/made-scenario.js';
import { GPU, type KnownModel, type KnownServer } from './known-server.js';

const BYTES_PER_VALUE = 4;

/** Threads of a usual server, and the network delay of a client on the same host. */
export const SERVING: Serving = {
  batcherWakeUs: 25,
  instanceWakeUs: 25,
  instancePickUpUs: 5,
  timerSlackUs: 0,
  batcherWinsShare: 0.3,
  requestDelayUs: 90,
  responseDelayUs: 90,
  generatorUs: 20,
};

/** A client on another machine, half a millisecond away each way. */
const REMOTE: Serving = { ...SERVING, requestDelayUs: 500, responseDelayUs: 500, generatorUs: 60 };
/** A client on the host of the server, whose two cores are counted. */
const LOCAL: Serving = { ...SERVING, cpuCores: 2 };
/** The same, where requests take of the cores what those of `calibration/cpu-sample` do. */
const TAKING: Serving = { ...LOCAL, requestCpuUs: 80, executionCpuUs: 500, clientCpuUs: 200 };

interface ModelSketch {
  readonly name?: string;
  /** Inference of a batch: so long, and so long for each inference, milliseconds. */
  readonly fixedMs?: number;
  readonly itemMs?: number;
  readonly maxBatchSize?: number;
  readonly instances?: number;
  readonly gpus?: readonly number[];
  readonly isOnHost?: boolean;
  /** Fields of Triton's `dynamic_batching`; null: the default scheduler. */
  readonly batching?: object | null;
  readonly serving?: Serving;
  readonly profile?: Partial<ModelProfile>;
}

function model(sketch: ModelSketch = {}): KnownModel {
  const { name = 'model', maxBatchSize = 16, instances = 1, isOnHost = false, batching = {} } = sketch;
  const { payload = { requestBytes: 4000, responseBytes: 400 } } = sketch.profile ?? {};
  const tensor = (id: string, bytes: number) => ({
    name: id,
    data_type: 'TYPE_FP32',
    dims: [bytes / BYTES_PER_VALUE],
  });
  return {
    config: {
      name,
      backend: isOnHost ? 'python' : 'onnxruntime',
      max_batch_size: maxBatchSize,
      input: [tensor('IN', payload.requestBytes)],
      output: [tensor('OUT', payload.responseBytes)],
      instance_group: [
        isOnHost
          ? { kind: 'KIND_CPU', count: instances }
          : { kind: 'KIND_GPU', count: instances, gpus: [...(sketch.gpus ?? [0])] },
      ],
      ...(batching !== null && { dynamic_batching: batching }),
    } as KnownModel['config'],
    profile: profile({ ...sketch, name, isOnHost, maxBatchSize }, payload),
  };
}

function profile(
  {
    name,
    fixedMs = 2,
    itemMs = 0.25,
    maxBatchSize,
    isOnHost,
    serving = SERVING,
    ...sketch
  }: ModelSketch & {
    readonly name: string;
    readonly maxBatchSize: number;
  },
  payload: ModelProfile['payload'],
): ModelProfile {
  const device = isOnHost === true ? 'CPU' : GPU;
  const batchSizes = [1, ...(maxBatchSize > 1 ? [2, maxBatchSize] : [])].filter(
    (size, i, all) => all.indexOf(size) === i,
  );
  return plainProfile(name, device, {
    service: batchSizes.map((batchSize) =>
      plainPoint(batchSize, fixedMs + itemMs * batchSize, {
        inputMs: 0.02 + 0.002 * batchSize,
        outputMs: 0.01 + 0.001 * batchSize,
        executions: 1,
      }),
    ),
    spread: { law: 'lognormal', cv: 0.03 },
    response: { fixedUs: 120, perRequestUs: 12, perKilobyteUs: 0 },
    payload,
    memory: { modelMb: 0, perInstanceMb: 300, known: true },
    load: { loadMs: 1500, unloadMs: 200, firstInferenceMs: 40 },
    serving,
    region: { batchSizes, maxUtilization: 1, maxInstances: 8, sharing: ['exclusive', 'streams'] },
    ...sketch.profile,
  });
}

function host(sketch: ModelSketch = {}): KnownModel {
  return model({ serving: LOCAL, ...sketch, isOnHost: true, maxBatchSize: sketch.maxBatchSize ?? 8 });
}

/** One that keeps a core busy while it infers, and takes core time for requests. */
function computing(sketch: ModelSketch = {}): KnownModel {
  const infer = { input: 0, infer: 1, output: 0, response: 0 };
  return host({ ...sketch, profile: { hostCores: infer, ...sketch.profile } });
}

function remote(sketch: ModelSketch = {}): KnownModel {
  return model({ serving: REMOTE, ...sketch });
}

function overHttp({ config, profile: { provenance, ...rest } }: KnownModel): KnownModel {
  return { config, profile: { ...rest, provenance: { ...provenance, protocol: 'http' } } };
}

function gpus(count = 1, sharing?: object | string): object[] {
  return Array.from({ length: count }, (_, i) => ({
    ...{ name: `gpu${i}`, kind: GPU },
    ...(sharing !== undefined && { sharing }),
  }));
}

const pairs = (name: string, slowdown: number) => ({ interference: { pairs: [{ model: name, slowdown }] } });
const self = (slowdown: number) => ({ interference: { self: slowdown, pairs: [] } });

/** Two models that slow each other so many times, and what else is said of each. */
function contending(
  make: (sketch: ModelSketch) => KnownModel,
  [a, slowedA]: readonly [ModelSketch, number],
  [b, slowedB]: readonly [ModelSketch, number],
): readonly KnownModel[] {
  const named = (sketch: ModelSketch, name: string, other: string, slowdown: number) =>
    make({ ...sketch, name, profile: { ...pairs(other, slowdown), ...sketch.profile } });
  return [named(a, 'a', 'b', slowedA), named(b, 'b', 'a', slowedB)];
}

/** Of the fast test. */
function quick(server: KnownServer): KnownServer {
  return { ...server, isQuick: true };
}

function onHost(name: string, shows: string, ...models: readonly KnownModel[]): KnownServer {
  return { name, shows, models, isLocal: true };
}

function onGpus(
  name: string,
  shows: string,
  models: readonly KnownModel[],
  devices: readonly object[] = gpus(),
): KnownServer {
  return { name, shows, models, devices };
}

const COLD = { warmUpState: { timeConstantMs: 20, coldSpeed: 0.7 } };
const excluding = (name: string) => ({ interference: { pairs: [], mutuallyExclusiveWith: [name] } });
/** Executions so short that requests wait for the front end, if for anything. */
const FAST = { fixedMs: 0.1, itemMs: 0.002, maxBatchSize: 64, instances: 2 };
const FAST_RESPONSE = { fixedUs: 20, perRequestUs: 1, perKilobyteUs: 0 };

/** Servers built to show one thing each. Names are those of the table in `results/known/README.md`. */
export const KNOWN_SERVERS: readonly KnownServer[] = [
  quick(onHost('host-batcher', 'dynamic batching on the host', host())),
  onHost('host-default', 'the default scheduler', host({ batching: null })),
  onHost(
    'host-delay',
    'a queue delay of 2 ms',
    host({ fixedMs: 4, batching: { max_queue_delay_microseconds: 2000 } }),
  ),
  onHost(
    'host-limit',
    'a queue limit, which binds payloads late',
    host({ batching: { default_queue_policy: { max_queue_size: 64 } } }),
  ),
  onHost('host-instances', 'two instances that slow each other', host({ instances: 2, profile: self(1.3) })),
  quick(onHost('host-computes', 'inference on host cores', computing({ fixedMs: 5 }))),
  onHost(
    'host-pair',
    'two models that contend for caches of two cores',
    ...contending(computing, [{ fixedMs: 4 }, 1.4], [{ fixedMs: 6 }, 1.2]),
  ),
  onHost(
    'host-requests',
    'requests that take core time from the inference of their own model',
    computing({ fixedMs: 1, serving: TAKING }),
  ),
  onHost(
    'host-requests-two',
    'requests of two models that take core time from both, of which one has a cold instance',
    ...contending(
      computing,
      [{ fixedMs: 2, serving: TAKING, profile: COLD }, 1.2],
      [{ fixedMs: 5, serving: TAKING }, 1.1],
    ),
  ),
  onHost(
    'host-lock',
    'two models that share a lock',
    host({ name: 'a', fixedMs: 1, itemMs: 0.1, profile: excluding('b') }),
    host({ name: 'b', fixedMs: 5, itemMs: 0.5, profile: excluding('a') }),
  ),
  quick(onGpus('gpu', 'one model on a GPU', [model()])),
  quick(onGpus('gpu-remote', 'a client half a millisecond away', [remote({ fixedMs: 3 })])),
  onGpus('gpu-unbatched', 'no batch dimension', [remote({ maxBatchSize: 0, batching: null })]),
  onGpus('gpu-spread', 'a wide spread of executions', [
    remote({ profile: { spread: { law: 'lognormal', cv: 0.3 } } }),
  ]),
  onGpus('gpu-cold', 'an instance that computes at 0.7 of its speed when it executed little lately', [
    remote({ fixedMs: 4, profile: COLD }),
  ]),
  onGpus('gpu-2-instances', 'two instances on a GPU', [remote({ instances: 2, profile: self(1.6) })]),
  onGpus('gpu-4-instances', 'four instances on a GPU', [remote({ instances: 4, profile: self(1.4) })]),
  onGpus('gpu-8-instances', 'eight instances on a GPU', [remote({ instances: 8, profile: self(1.2) })]),
  onGpus(
    'gpu-4-on-2',
    'two instances on each of two GPUs',
    [remote({ instances: 2, gpus: [0, 1], profile: self(1.5) })],
    gpus(2),
  ),
  quick(
    onGpus(
      'gpu-pair',
      'two models that contend on one GPU',
      contending(remote, [{ fixedMs: 4 }, 1.6], [{ fixedMs: 7 }, 1.3]),
    ),
  ),
  onGpus(
    'gpu-fast-pair',
    'two fast models that contend on one GPU',
    contending(remote, [{ fixedMs: 0.2, itemMs: 0.02 }, 1.5], [{ fixedMs: 0.3, itemMs: 0.03 }, 1.4]),
  ),
  onGpus(
    'gpu-slices',
    'two models in time slices of one GPU',
    contending(remote, [{ fixedMs: 2 }, 2], [{ fixedMs: 3 }, 2]),
    gpus(1, 'timeSlices'),
  ),
  onGpus(
    'gpu-mps',
    'two models that have half of the multiprocessors each',
    contending(remote, [{ fixedMs: 2 }, 1], [{ fixedMs: 3 }, 1]),
    gpus(1, { mode: 'mps', shares: { a: 0.5, b: 0.5 } }),
  ),
  {
    ...onGpus('gpu-load', 'what loading takes, and a second instance where one serves', [
      remote({ fixedMs: 3, batching: null, maxBatchSize: 1, profile: self(1.5) }),
    ]),
    load: true,
  },
  onGpus(
    'gpu-apart',
    'two models, each on a GPU of its own',
    contending(remote, [{ fixedMs: 2 }, 1], [{ fixedMs: 3, gpus: [1] }, 1]),
    gpus(2, 'exclusive'),
  ),
  onGpus('gpu-8000', '8,000 requests/s', [
    remote({ ...FAST, fixedMs: 0.15, itemMs: 0.004, profile: { ...self(1.2), response: FAST_RESPONSE } }),
  ]),
  quick(
    onGpus('gpu-payload', 'requests of 600 kB, read at 2 GB/s by a front-end thread', [
      remote({
        fixedMs: 6,
        maxBatchSize: 8,
        profile: {
          payload: { requestBytes: 602_112, responseBytes: 4000 },
          frontEnd: { perRequestUs: 0, perKilobyteUs: 0.5 },
        },
      }),
    ]),
  ),
  quick(
    onGpus(
      'gpu-both-ways',
      'requests of 200 kB, and responses of 400 kB that its instance copies at 2 GB/s',
      [
        remote({
          fixedMs: 6,
          maxBatchSize: 8,
          profile: {
            payload: { requestBytes: 200_704, responseBytes: 401_408 },
            frontEnd: { perRequestUs: 0, perKilobyteUs: 0.8 },
            response: { fixedUs: 120, perRequestUs: 12, perKilobyteUs: 0.5 },
          },
        }),
      ],
    ),
  ),
  onGpus('gpu-front-end', 'a front end that takes 150 us of each request', [fronted(150)]),
  onGpus('gpu-http', 'HTTP/REST, whose front end takes 800 us of each request in 8 threads', [
    overHttp(fronted(800)),
  ]),
];

function fronted(perRequestUs: number): KnownModel {
  const frontEnd = { perRequestUs, perKilobyteUs: 0 };
  return remote({ ...FAST, profile: { ...self(1), frontEnd, response: FAST_RESPONSE } });
}
