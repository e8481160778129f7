import type { ModelProfile } from '../../src/profile/profile.js';
import { type ModelConfig, PLAIN_BATCHING } from '../../src/scenario/model-config.js';
import type { Load, Scenario, Server, Tenant } from '../../src/scenario/scenario.js';
import { plainConfig, plainServer, plainTenant } from '../support/made-scenario.js';
import { BATCH } from './profiles.js';
import type { Setups, TestSetup } from './setups.js';

/** Memory of a Tesla P4 as its driver reports it, MiB. */
const P4_MEMORY_MB = 7611;

/** One client and the model it asks. */
export interface ClientRun {
  readonly profile: ModelProfile;
  /** Each has as many instances of the model as the stage says. */
  readonly gpus: readonly number[];
  readonly load: Load;
}

/** Everything of a test but its clients. */
export type Stage = Pick<
  TestSetup,
  'instances' | 'preferredBatchSizes' | 'maxQueueDelayMs' | 'networkDelayMs' | 'linkBytesPerMs'
>;

/** The test's server with a model for each client, and the clients. */
export function seedScenario(
  setups: Setups,
  stage: Stage,
  clients: readonly ClientRun[],
  seed: string,
): Scenario {
  return {
    name: 'seed',
    seed,
    durationUs: durationUs(clients),
    warmUpUs: 0,
    servers: [seedServer(setups, stage, clients)],
    tenants: clients.map(tenant),
  };
}

function tenant({ profile, load }: ClientRun, index: number): Tenant {
  const { model, payload } = profile;
  return plainTenant({ name: model, model, targets: [{ server: 0, model: index }], load, ...payload });
}

function seedServer({ client, host }: Setups, stage: Stage, clients: readonly ClientRun[]): Server {
  const gpuCount = Math.max(2, ...clients.flatMap(({ gpus }) => gpus.map((gpu) => gpu + 1)));
  const delayUs = stage.networkDelayMs * 1000;
  return plainServer({
    name: 'server',
    kind: 'n1-custom, 6 vCPU',
    cpuCores: host.threadsAtFullSpeed,
    backgroundCores: host.backgroundThreads,
    network: {
      requestDelayUs: delayUs,
      responseDelayUs: delayUs,
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
    devices: Array.from({ length: gpuCount }, (_, gpu) => ({
      ...{ name: `gpu${gpu}`, kind: clients[0]!.profile.device, memoryMb: P4_MEMORY_MB },
      sharing: { mode: 'streams' },
    })),
    models: clients.map(({ profile, gpus }) => ({
      config: modelConfig(profile.model, stage),
      instances: gpus.flatMap((device) =>
        Array.from({ length: stage.instances }, () => ({ device, profile })),
      ),
    })),
  });
}

function modelConfig(name: string, { preferredBatchSizes, maxQueueDelayMs }: Stage): ModelConfig {
  const dynamicBatching = {
    ...PLAIN_BATCHING,
    preferredBatchSizes,
    maxQueueDelayUs: maxQueueDelayMs * 1000,
  };
  return { ...plainConfig(name, BATCH), dynamicBatching };
}

/** Twice the planned length and a minute: longer than any client falls behind its plan. */
function durationUs(clients: readonly ClientRun[]): number {
  const planned = clients.map(({ load }) => (load.mode === 'closed' ? 0 : load.trace.durationUs));
  return Math.ceil(Math.max(...planned)) * 2 + 60e6;
}
