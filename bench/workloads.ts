import {
  plainConfig,
  plainPoint,
  plainProfile,
  plainServer,
  plainTenant,
} from '../scripts/support/made-scenario.js';
import { exponential } from '../src/base/distributions.js';
import { RandomStreams } from '../src/base/random.js';
import type { ModelProfile } from '../src/profile/profile.js';
import { PLAIN_BATCHING } from '../src/scenario/model-config.js';
import type { Scenario, Sharing, Tenant } from '../src/scenario/scenario.js';

/** A fleet of equal models on equal servers, all Poisson. */
export interface Workload {
  readonly models: number;
  readonly servers: number;
  readonly gpusPerServer: number;
  readonly instances: number;
  readonly maxBatchSize: number;
  readonly delayUs: number;
  /** Arrival rate over the rate at which full batches on all instances of a model would be served. */
  readonly load: number;
  readonly requests: number;
  readonly sharing: Sharing;
}

const FIXED_MS = 2;
const ITEM_MS = 0.25;

/**
 * Every model has its own tenant; model m is on server m mod servers, there on the GPUs in turn.
 * `shared`: arrivals lie in memory that worker threads share.
 */
export function buildScenario(workload: Workload, shared = false): Scenario {
  const { models, servers } = workload;
  const ratePerS = ratePerModel(workload);
  const perModel = Math.floor(workload.requests / models);
  const placed = Array.from({ length: models }, (_, m) => ({ m, server: m % servers }));
  const tenants = placed.map(({ m, server }): Tenant => {
    const index = Math.floor(m / servers);
    return poissonTenant({ m, server, model: index, ratePerS, requests: perModel, shared });
  });
  const durationUs = Math.max(...tenants.map(lastArrivalUs)) + 10e6;
  return {
    name: 'bench',
    seed: 1,
    durationUs,
    warmUpUs: 0,
    tenants,
    servers: Array.from({ length: servers }, (_, s) =>
      plainServer({
        name: `server${s}`,
        kind: 'bench',
        options: {
          ...{ tritonVersion: '24.10', protocol: 'grpc', frontEndThreads: 2 },
          ...{ batcherWakeUs: 5, instancePickUpUs: 2 },
        },
        devices: Array.from({ length: workload.gpusPerServer }, (_, d) => ({
          name: `gpu${d}`,
          kind: 'bench',
          memoryMb: 16000,
          sharing: workload.sharing,
        })),
        models: placed
          .filter(({ server }) => server === s)
          .map(({ m }, index) => servedModel(`model${m}`, index % workload.gpusPerServer, workload)),
      }),
    ),
  };
}

/** Requests per second to each model. */
function ratePerModel({ load, maxBatchSize, instances }: Workload): number {
  return (load * maxBatchSize * instances * 1000) / (FIXED_MS + ITEM_MS * maxBatchSize);
}

function servedModel(name: string, device: number, { maxBatchSize, delayUs, instances }: Workload) {
  const dynamicBatching = { ...PLAIN_BATCHING, maxQueueDelayUs: delayUs };
  const config = { ...plainConfig(name, maxBatchSize), dynamicBatching };
  return {
    config,
    instances: Array.from({ length: instances }, () => ({ device, profile: benchProfile(name) })),
  };
}

interface TenantSketch {
  readonly m: number;
  readonly server: number;
  readonly model: number;
  readonly ratePerS: number;
  readonly requests: number;
  readonly shared: boolean;
}

function poissonTenant({ m, server, model, ratePerS, requests, shared }: TenantSketch): Tenant {
  const random = new RandomStreams(1).get(`arrivals ${m}`);
  // A Trace says Float64Array; one over shared memory is used in the same way.
  const buffer = (
    shared ? new SharedArrayBuffer(requests * 8) : new ArrayBuffer(requests * 8)
  ) as ArrayBuffer;
  const arrivalUs = new Float64Array(buffer);
  let atUs = 0;
  for (let i = 0; i < requests; i++) {
    atUs += exponential(random, 1e6 / ratePerS);
    arrivalUs[i] = Math.round(atUs);
  }
  return plainTenant({
    name: `tenant${m}`,
    model: `model${m}`,
    targets: [{ server, model }],
    load: {
      mode: 'open',
      trace: { tenants: [`tenant${m}`], arrivalUs, tenant: new Uint16Array(0), durationUs: atUs },
    },
  });
}

function lastArrivalUs({ load }: Tenant): number {
  if (load.mode === 'closed') return 0;
  return load.trace.arrivalUs[load.trace.arrivalUs.length - 1] ?? 0;
}

/** Service time 2 ms + 0.25 ms per inference; beside a co-runner 1.3 times as long, beside itself 1.5. */
function benchProfile(model: string): ModelProfile {
  return plainProfile(model, 'bench', {
    service: [1, 64].map((batchSize) => plainPoint(batchSize, FIXED_MS + ITEM_MS * batchSize)),
    interference: { self: 1.5, pairs: [], sensitivity: 0.3, pressure: 1 },
    region: { batchSizes: [1, 64], maxUtilization: 1, maxInstances: 64, sharing: ['streams'] },
  });
}
