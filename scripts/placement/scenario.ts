import { readFileSync } from 'node:fs';
import { RandomStreams } from '../../src/base/random.js';
import { parseProfile } from '../../src/profile/parse.js';
import type { ModelProfile } from '../../src/profile/profile.js';
import { type ModelConfig, NO_QUEUE_POLICY } from '../../src/scenario/model-config.js';
import type { Scenario, Server, Tenant } from '../../src/scenario/scenario.js';
import { generateTrace } from '../../src/trace/synthesis/generate.js';
import type { Cell, SetDemand } from './data.js';

export interface PoissonRun {
  readonly seed: number;
  readonly durationS: number;
  readonly warmUpS: number;
}

/** A slice that serves a model, and the part of the model's requests that it is to get, in any unit. */
export interface ServedSlice {
  readonly cell: Cell;
  readonly weight: number;
}

/**
 * How the requests of a model get to its slices: to the one with the fewest under way, or each at
 * random in proportion to the weights of the slices (a Poisson stream of its own for each slice).
 */
export type SliceRouting = 'leastOutstanding' | 'byWeight';

/**
 * A Triton server for each slice (a process can open only one MIG device), which forms batches of
 * up to the cell's size as the requests come. By weight, a model has a tenant for each of its slices;
 * their order is that of the slices.
 */
export function slicesScenario(
  demands: readonly SetDemand[],
  slices: readonly ServedSlice[],
  routing: SliceRouting,
  { seed, durationS, warmUpS }: PoissonRun,
): Scenario {
  const streams = new RandomStreams(seed);
  const flows = routing === 'byWeight' ? flowsByWeight(demands, slices) : wholeFlows(demands, slices);
  return {
    name: 'slices',
    seed,
    durationUs: durationS * 1e6,
    warmUpUs: warmUpS * 1e6,
    servers: slices.map(({ cell }, i) => sliceServer(cell, i)),
    tenants: flows.map((flow) => flowTenant(flow, streams, durationS)),
  };
}

/** A Poisson stream of requests of one model and the servers that take it. */
interface Flow extends SetDemand {
  readonly name: string;
  readonly servers: readonly number[];
}

function wholeFlows(demands: readonly SetDemand[], slices: readonly ServedSlice[]): Flow[] {
  return demands.map((demand) => ({
    ...demand,
    name: demand.model,
    servers: slices.flatMap(({ cell }, server) => (cell.model === demand.model ? [server] : [])),
  }));
}

function flowsByWeight(demands: readonly SetDemand[], slices: readonly ServedSlice[]): Flow[] {
  return slices.map(({ cell, weight }, server) => {
    const demand = demands.find(({ model }) => model === cell.model)!;
    const total = slices.reduce(
      (sum, other) => sum + (other.cell.model === cell.model ? other.weight : 0),
      0,
    );
    const ratePerS = (demand.ratePerS * weight) / total;
    return { ...demand, ratePerS, name: `${cell.model} on slice ${server + 1}`, servers: [server] };
  });
}

function flowTenant(flow: Flow, streams: RandomStreams, durationS: number): Tenant {
  const { name, model, ratePerS, limitMs } = flow;
  const random = streams.get(`arrivals ${name}`);
  const trace = generateTrace({ tenant: name, process: { kind: 'poisson', ratePerS }, durationS, random });
  return {
    name,
    model,
    targets: flow.servers.map((server) => ({ server, model: 0 })),
    routing: 'leastOutstanding',
    load: { mode: 'open', trace },
    batchSize: 1,
    requestBytes: 0,
    responseBytes: 0,
    priority: 0,
    timeoutUs: 0,
    shape: 0,
    slo: { percentile: 99, limitMs },
  };
}

function sliceServer(cell: Cell, index: number): Server {
  const profile = profileOf(cell);
  return {
    name: `slice-${index + 1}`,
    machine: { kind: 'MIG slice', usdPerHour: 0, priceSource: 'unpriced' },
    cpuCores: Infinity,
    network: {
      requestDelayUs: 0,
      responseDelayUs: 0,
      requestBytesPerUs: Infinity,
      responseBytesPerUs: Infinity,
    },
    options: {
      tritonVersion: '24.10',
      protocol: 'grpc',
      frontEndThreads: 1024,
      batcherWakeUs: 0,
      instancePickUpUs: 0,
    },
    devices: [{ name: 'slice', kind: profile.device, memoryMb: 80_000, sharing: { mode: 'streams' } }],
    models: [
      {
        config: modelConfig(cell),
        instances: Array.from({ length: cell.processes }, () => ({ device: 0, profile })),
      },
    ],
  };
}

/**
 * The shipped profile of the model on the slice, with the slowdown of its processes beside each
 * other as it was measured at this batch size and number of them.
 */
function profileOf({ model, slice, batchSize, processes, ms }: Cell): ModelProfile {
  const key = `${slice}/${model}`;
  const file = `calibration/a100-80gb-mig-${key}.profile.json`;
  const known = PROFILES.get(key) ?? parseProfile(readFileSync(file, 'utf8'), { file });
  PROFILES.set(key, known);
  const alone = known.service.find((point) => point.batchSize === batchSize)?.inferMs;
  if (processes === 1 || alone === undefined) return known;
  const self = Math.max(1, 1 + (ms / alone - 1) / (processes - 1));
  return { ...known, interference: { ...known.interference, self } };
}

const PROFILES = new Map<string, ModelProfile>();

function modelConfig({ model, batchSize }: Cell): ModelConfig {
  return {
    name: model,
    platform: '',
    backend: '',
    maxBatchSize: batchSize,
    inputs: [],
    outputs: [],
    instanceGroups: [],
    dynamicBatching: {
      preferredBatchSizes: [batchSize],
      maxQueueDelayUs: 0,
      preserveOrdering: false,
      priorityLevels: 0,
      defaultPriorityLevel: 0,
      defaultQueuePolicy: NO_QUEUE_POLICY,
      priorityQueuePolicy: new Map(),
    },
  };
}
