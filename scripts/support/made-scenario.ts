import { costlessProfile } from '../../src/profile/costless.js';
import type { ModelProfile, ServicePoint } from '../../src/profile/profile.js';
import type { ModelConfig } from '../../src/scenario/model-config.js';
import type { Server, Tenant } from '../../src/scenario/scenario.js';

/** A profile of a model that costs nothing, but for what `parts` say. */
export function plainProfile(
  model: string,
  device: string,
  parts: Pick<ModelProfile, 'service'> & Partial<ModelProfile>,
): ModelProfile {
  const { provenance, ...costless } = costlessProfile(model, device);
  const hostCores = { input: 0, infer: 0, output: 0, response: 0 };
  return { ...costless, hostCores, provenance: { ...provenance, source: 'made up', gpu: device }, ...parts };
}

/** An execution that was not measured: so long in its inference, with nothing around it but what `parts` say. */
export function plainPoint(
  batchSize: number,
  inferMs: number,
  parts: Partial<ServicePoint> = {},
): ServicePoint {
  return { batchSize, inputMs: 0, inferMs, outputMs: 0, executions: 0, relativeError: 0, ...parts };
}

/** A configuration that says nothing but its name and its largest batch. */
export function plainConfig(name: string, maxBatchSize: number): ModelConfig {
  return { name, platform: '', backend: '', maxBatchSize, inputs: [], outputs: [], instanceGroups: [] };
}

/** A server whose host, network and front end take no time and cost nothing, but for what `parts` say. */
export function plainServer({
  name,
  kind,
  ...parts
}: Pick<Server, 'name' | 'devices' | 'models'> & Partial<Server> & { readonly kind: string }): Server {
  return {
    name,
    machine: { kind, usdPerHour: 0, priceSource: 'unpriced' },
    cpuCores: Infinity,
    network: {
      requestDelayUs: 0,
      responseDelayUs: 0,
      requestBytesPerUs: Infinity,
      responseBytesPerUs: Infinity,
      ...parts.network,
    },
    ...parts,
    options: {
      tritonVersion: '24.10',
      protocol: 'grpc',
      frontEndThreads: 1024,
      batcherWakeUs: 0,
      instancePickUpUs: 0,
      ...parts.options,
    },
  };
}

/** Requests of one inference without bytes, priority or timeout, but for what `parts` say. */
export function plainTenant(
  parts: Pick<Tenant, 'name' | 'model' | 'targets' | 'load'> & Partial<Tenant>,
): Tenant {
  return {
    routing: 'roundRobin',
    batchSize: 1,
    requestBytes: 0,
    responseBytes: 0,
    priority: 0,
    timeoutUs: 0,
    shape: 0,
    ...parts,
  };
}
