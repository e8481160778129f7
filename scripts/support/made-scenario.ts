import type { ModelConfig } from '../../src/scenario/model-config.js';
import type { Server, Tenant } from '../../src/scenario/scenario.js';

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
