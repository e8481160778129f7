import {
  plainConfig,
  plainPoint,
  plainProfile,
  plainServer,
  plainTenant,
} from '../../scripts/support/made-scenario.js';
import { exponential } from '../../src/base/distributions.js';
import { RandomStreams } from '../../src/base/random.js';
import type { ModelProfile } from '../../src/profile/profile.js';
import { type DynamicBatching, type ModelConfig, PLAIN_BATCHING } from '../../src/scenario/model-config.js';
import type { Load, Scenario, ServedModel, Server, Sharing, Tenant } from '../../src/scenario/scenario.js';
import type { Trace } from '../../src/trace/trace.js';

/** A profile with service time `fixedMs + itemMs × batch`, all in the inference phase. */
export function profile(
  model: string,
  fixedMs: number,
  itemMs: number,
  more: Partial<ModelProfile> = {},
): ModelProfile {
  return plainProfile(model, 'Test GPU', {
    service: [1, 2, 64].map((batchSize) =>
      plainPoint(batchSize, fixedMs + itemMs * batchSize, { executions: 1 }),
    ),
    payload: { requestBytes: 1000, responseBytes: 100 },
    memory: { modelMb: 10, perInstanceMb: 1, known: true },
    region: { batchSizes: [1, 2, 64], maxUtilization: 1, maxInstances: 8, sharing: [] },
    ...more,
  });
}

/** A model's configuration; `batching` undefined = default scheduler. */
export function config(name: string, maxBatchSize: number, batching?: Partial<DynamicBatching>): ModelConfig {
  return {
    ...plainConfig(name, maxBatchSize),
    backend: 'python',
    ...(batching === undefined ? {} : { dynamicBatching: { ...PLAIN_BATCHING, ...batching } }),
  };
}

export interface ServerSketch {
  readonly models: readonly {
    config: ModelConfig;
    profile: ModelProfile;
    instances?: number;
    device?: number;
    more?: Partial<ServedModel>;
  }[];
  readonly sharing?: Sharing;
  readonly devices?: number;
  readonly more?: Partial<Server>;
  readonly wakeUs?: number;
  readonly awakeUs?: number;
  readonly pickUpUs?: number;
  readonly instanceWakeUs?: number;
  /** Share of executions after which the batcher thread wins the race for the next payload. */
  readonly batcherWinsShare?: number;
}

export function server(name: string, sketch: ServerSketch): Server {
  const options = {
    tritonVersion: '24.10',
    protocol: 'grpc',
    frontEndThreads: 2,
    batcherWakeUs: sketch.wakeUs ?? 0,
    ...(sketch.awakeUs === undefined ? {} : { batcherAwakeUs: sketch.awakeUs }),
    instancePickUpUs: sketch.pickUpUs ?? 0,
    ...(sketch.instanceWakeUs === undefined ? {} : { instanceWakeUs: sketch.instanceWakeUs }),
    ...(sketch.batcherWinsShare === undefined ? {} : { batcherWinsShare: sketch.batcherWinsShare }),
  } as const;
  return {
    ...plainServer({ name, kind: 'test', devices: [], models: [], options }),
    machine: { kind: 'test', usdPerHour: 1, priceSource: 'test' },
    devices: Array.from({ length: sketch.devices ?? 1 }, (_, i) => ({
      name: `gpu${i}`,
      kind: 'Test GPU',
      memoryMb: 16000,
      sharing: sketch.sharing ?? { mode: 'exclusive' },
    })),
    models: sketch.models.map((model) => ({
      config: model.config,
      instances: Array.from({ length: model.instances ?? 1 }, () => ({
        device: model.device ?? 0,
        profile: model.profile,
      })),
      ...model.more,
    })),
    ...sketch.more,
  };
}

/** One that sends as soon as it has its answer: a model that it calls is busy all the time. */
export const ONE_CLIENT: Load = {
  mode: 'closed',
  concurrency: 1,
  thinkTime: { law: 'constant', meanUs: 0 },
  maxRequests: Number.POSITIVE_INFINITY,
};

export function tenant(name: string, model: string, load: Load, more: Partial<Tenant> = {}): Tenant {
  return plainTenant({
    ...{ name, model, load, requestBytes: 1000, responseBytes: 100 },
    targets: [{ server: 0, model: 0 }],
    ...more,
  });
}

export function scenario(
  servers: readonly Server[],
  tenants: readonly Tenant[],
  durationS: number,
  more: Partial<Scenario> = {},
): Scenario {
  return { name: 'test', seed: 1, durationUs: durationS * 1e6, warmUpUs: 0, servers, tenants, ...more };
}

/** An open-loop load whose requests arrive at the given microseconds. */
export function arrivals(arrivalUs: readonly number[] | Float64Array, more: Partial<Trace> = {}): Load {
  const times = Float64Array.from(arrivalUs);
  return {
    mode: 'open',
    trace: {
      tenants: ['t'],
      arrivalUs: times,
      tenant: new Uint16Array(times.length),
      durationUs: times.length === 0 ? 0 : times[times.length - 1]! + 1,
      ...more,
    },
  };
}

/** Poisson arrivals, `count` of them at `ratePerS`. */
export function poisson(name: string, ratePerS: number, count: number): Load {
  const random = new RandomStreams('arrivals').get(name);
  const times = new Float64Array(count);
  let atUs = 0;
  for (let i = 0; i < count; i++) {
    atUs += exponential(random, 1e6 / ratePerS);
    times[i] = Math.round(atUs);
  }
  return arrivals(times);
}

/** Last planned arrival in seconds, rounded up, plus `drainS`. */
export function lengthOf(load: Load, drainS = 0): number {
  if (load.mode === 'closed') throw new Error('a closed loop has no length');
  const { arrivalUs } = load.trace;
  return Math.ceil((arrivalUs[arrivalUs.length - 1] ?? 0) / 1e6 + 1e-9) + drainS;
}

/** Mean of end − planned over completed requests, milliseconds. */
export function meanLatencyMs(
  log: { plannedUs: Float64Array; endedUs: Float64Array; outcome: Uint8Array },
  from = 0,
): number {
  let sum = 0;
  let count = 0;
  for (let i = from; i < log.plannedUs.length; i++) {
    if (log.outcome[i] !== 0) continue;
    sum += log.endedUs[i]! - log.plannedUs[i]!;
    count++;
  }
  return sum / count / 1000;
}
