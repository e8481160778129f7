import type { ModelProfile } from '../../src/profile/profile.js';
import { type ModelConfig, PLAIN_BATCHING } from '../../src/scenario/model-config.js';
import type { Device, Load, Scenario, Server, Tenant } from '../../src/scenario/scenario.js';
import { otherProcesses, otherProcessesStart } from './background.js';
import { BATCH } from './constants.js';
import type { Setups, TestSetup } from './setups.js';

/** Memory of a Tesla P4 as its driver reports it, MiB. */
const P4_MEMORY_MB = 7611;

/** One client and the model it asks. */
export interface ClientRun {
  readonly profile: ModelProfile;
  readonly gpu: number;
  readonly load: Load;
}

/** Everything of a test but its clients. */
export type Stage = Pick<
  TestSetup,
  'instances' | 'preferredBatchSizes' | 'maxQueueDelayMs' | 'networkDelayMs' | 'linkBytesPerMs'
>;

/** The test's server with a model for each client, and the clients. */
export function seedScenario(
  { client, host }: Setups,
  stage: Stage,
  clients: readonly ClientRun[],
  seed: string,
): Scenario {
  const server: Server = {
    name: 'server',
    machine: { kind: 'n1-custom, 6 vCPU', usdPerHour: 0, priceSource: 'unpriced' },
    cpuCores: host.threadsAtFullSpeed,
    network: {
      requestDelayUs: stage.networkDelayMs * 1000,
      responseDelayUs: stage.networkDelayMs * 1000,
      requestBytesPerUs: stage.linkBytesPerMs === undefined ? Infinity : stage.linkBytesPerMs / 1000,
      responseBytesPerUs: Infinity,
    },
    options: {
      tritonVersion: '19.08',
      protocol: 'grpc',
      // Not known to limit; the cap of 96 in flight is below it.
      frontEndThreads: client.maxInFlight * clients.length,
      batcherWakeUs: 0,
      instancePickUpUs: 0,
    },
    devices: [
      ...[0, 1].map((gpu) => device(`gpu${gpu}`, clients[0]!.profile.device, 'streams')),
      device('none', 'none', 'exclusive'),
    ],
    models: [
      ...clients.map(({ profile, gpu }) => ({
        config: modelConfig(profile.model, stage),
        instances: Array.from({ length: stage.instances }, () => ({ device: gpu, profile })),
      })),
      otherProcesses(host.backgroundThreads, clients[0]!.profile, 2),
    ],
  };
  return {
    name: 'seed',
    seed,
    durationUs: durationUs(clients),
    warmUpUs: 0,
    servers: [server],
    tenants: [...clients.map(tenant), otherProcessesStart(clients.length)],
  };
}

function device(name: string, kind: string, mode: 'streams' | 'exclusive'): Device {
  return { name, kind, memoryMb: P4_MEMORY_MB, sharing: { mode } };
}

function modelConfig(name: string, stage: Stage): ModelConfig {
  return {
    name,
    platform: '',
    backend: '',
    maxBatchSize: BATCH,
    inputs: [],
    outputs: [],
    instanceGroups: [],
    dynamicBatching: {
      ...PLAIN_BATCHING,
      preferredBatchSizes: stage.preferredBatchSizes,
      maxQueueDelayUs: stage.maxQueueDelayMs * 1000,
    },
  };
}

function tenant({ profile, load }: ClientRun, index: number): Tenant {
  return {
    name: profile.model,
    model: profile.model,
    targets: [{ server: 0, model: index }],
    routing: 'roundRobin',
    load,
    batchSize: 1,
    requestBytes: profile.payload.requestBytes,
    responseBytes: profile.payload.responseBytes,
    priority: 0,
    timeoutUs: 0,
    shape: 0,
  };
}

/** Twice the planned length and a minute: longer than any client falls behind its plan. */
function durationUs(clients: readonly ClientRun[]): number {
  const planned = clients.map(({ load }) => (load.mode === 'closed' ? 0 : load.trace.durationUs));
  return Math.ceil(Math.max(...planned)) * 2 + 60e6;
}
