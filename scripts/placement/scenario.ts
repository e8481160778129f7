import { RandomStreams } from '../../src/base/random.js';
import { PLAIN_BATCHING } from '../../src/scenario/model-config.js';
import type { Scenario, Server, Tenant } from '../../src/scenario/scenario.js';
import { generateTrace } from '../../src/trace/synthesis/generate.js';
import { plainConfig, plainServer, plainTenant } from '../support/made-scenario.js';
import { profileOf } from './cell-profile.js';
import type { Cell, SetDemand } from './data.js';

export interface PoissonRun {
  readonly seed: number;
  readonly durationS: number;
  readonly warmUpS: number;
}

/** A slice that serves a model, and what it can take of its requests alone, 1/s. */
export interface ServedSlice {
  readonly cell: Cell;
  readonly perS: number;
}

/**
 * How the requests of a model get to its slices.
 * - `inProportion`: each at random, by what the slices can take: every slice has Poisson arrivals of its own.
 * - `pools`: at random to the slices of one kind, and there to the one with the fewest requests under way.
 * - `leastOutstanding`: to the slice with the fewest requests under way, whatever its kind.
 */
export type SliceRouting = 'inProportion' | 'pools' | 'leastOutstanding';

/** A Poisson stream of requests of the model, and the slices that take it. */
interface Flow {
  readonly name: string;
  readonly ratePerS: number;
  readonly servers: readonly number[];
}

/**
 * One model on its slices, a Triton server for each (a process can open only one MIG device), which
 * forms batches of up to the cell's size as the requests come. Models do not share slices, so that
 * each can be simulated for itself.
 */
export function slicesScenario(
  demand: SetDemand,
  slices: readonly ServedSlice[],
  routing: SliceRouting,
  { seed, durationS, warmUpS }: PoissonRun,
): Scenario {
  const streams = new RandomStreams(seed);
  return {
    name: 'slices',
    seed,
    durationUs: durationS * 1e6,
    warmUpUs: warmUpS * 1e6,
    servers: slices.map(({ cell }, i) => sliceServer(cell, i)),
    tenants: flowsOf(demand, slices, routing).map((flow) => flowTenant(demand, flow, streams, durationS)),
  };
}

function flowsOf(
  { model, ratePerS }: SetDemand,
  slices: readonly ServedSlice[],
  routing: SliceRouting,
): Flow[] {
  const groups = slicesByGroup(slices, routing);
  const weights = groups.map((servers) => poolWeight(servers.map((server) => slices[server]!)));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return groups.map((servers, i) => ({
    name: `${model} ${i + 1}`,
    ratePerS: (ratePerS * weights[i]!) / total,
    servers,
  }));
}

function slicesByGroup(slices: readonly ServedSlice[], routing: SliceRouting): number[][] {
  const groups = new Map<string | number, number[]>();
  for (const [server, { cell }] of slices.entries()) {
    const key = { inProportion: server, pools: cell.slice, leastOutstanding: '' }[routing];
    groups.set(key, [...(groups.get(key) ?? []), server]);
  }
  return [...groups.values()];
}

/**
 * What a pool of equal slices should get: the room that one slice needs for the randomness of its
 * arrivals shrinks with the root of their number (square-root staffing, Halfin and Whitt 1981).
 */
function poolWeight(slices: readonly ServedSlice[]): number {
  const { cell, perS } = slices[0]!;
  const room = Math.max(0, 1 - perS / cell.perS) / Math.sqrt(slices.length);
  return slices.length * cell.perS * (1 - room);
}

function flowTenant(
  { model, limitMs }: SetDemand,
  { name, ratePerS, servers }: Flow,
  streams: RandomStreams,
  durationS: number,
): Tenant {
  const random = streams.get(`arrivals ${name}`);
  const trace = generateTrace({ tenant: name, process: { kind: 'poisson', ratePerS }, durationS, random });
  return plainTenant({
    name,
    model,
    targets: servers.map((server) => ({ server, model: 0 })),
    routing: 'leastOutstanding',
    load: { mode: 'open', trace },
    slo: { percentile: 99, limitMs },
  });
}

/** Host and network take no time: the source has measured neither. */
function sliceServer(cell: Cell, index: number): Server {
  const { model, batchSize, processes } = cell;
  const profile = profileOf(cell);
  const dynamicBatching = { ...PLAIN_BATCHING, preferredBatchSizes: [batchSize] };
  return plainServer({
    name: `slice-${index + 1}`,
    kind: 'MIG slice',
    devices: [{ name: 'slice', kind: profile.device, memoryMb: 80_000, sharing: { mode: 'streams' } }],
    models: [
      {
        config: { ...plainConfig(model, batchSize), dynamicBatching },
        instances: Array.from({ length: processes }, () => ({ device: 0, profile })),
      },
    ],
  });
}
