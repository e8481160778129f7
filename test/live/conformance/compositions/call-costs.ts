import { nowMs } from '../heartbeat.js';
import type { CompositionCase } from './composition-case.js';
import { parseArrivals } from './composition-case.js';
import type { CompositionServer } from './on-triton.js';
import { sendRequests } from './send-requests.js';

/** What handing a request on costs besides the models' own time, microseconds. */
export interface CallCosts {
  /** An ensemble: from a step's answer to the queue of the next, `triton.ensembleStepUs`. */
  readonly ensembleStepUs: number;
  /** A call of another model, there and back, `triton.blsCallUs`. */
  readonly blsCallUs: number;
  /** Median latency of one client, by model: without, with one and with five steps or calls. */
  readonly medianUs: Readonly<Record<string, number>>;
  /** Mean time in the called model from its queue to its answer, as its statistics count it. */
  readonly childUs: number;
  readonly requests: number;
}

const REQUESTS = 200;
/** They come one after the other; nobody has measured the first ones. */
const FIRST = 20;
const MORE = 4;

const fiveSteps = ['IN>B>t1', 't1>B>t2', 't2>B>t3', 't3>B>t4', 't4>B>OUT'].join('; ');
const call = { call: 'B' } as const;

/** A model that does nothing; an ensemble of it and a model that calls it, once and five times. */
const MODELS: CompositionCase = {
  rule: 'what a hand-over costs',
  source: '1',
  models: {
    B: { config: 'max_batch_size: 8', serviceMs: 0 },
    P1: { config: 'max_batch_size: 8', serviceMs: 0, calls: [call] },
    P5: { config: 'max_batch_size: 8', serviceMs: 0, calls: [call, call, call, call, call] },
    E1: { steps: 'IN>B>OUT' },
    E5: { steps: fiveSteps },
  },
  arrives: '1@0',
  executes: {},
  answers: '',
};

/** Measures it with one client: the models take turns, so that what the machine does besides meets all of them. */
export async function measureCallCosts(server: CompositionServer): Promise<CallCosts> {
  const prefix = 'cost-';
  await server.load(MODELS, prefix);
  const latencies = new Map(Object.keys(MODELS.models).map((name) => [name, [] as number[]]));
  for (let round = 0; round < FIRST; round++)
    for (const name of latencies.keys()) await latencyUs(server, name, prefix);
  const before = await childTotals(server, prefix);
  for (let round = 0; round < REQUESTS; round++)
    for (const [name, found] of latencies) found.push(await latencyUs(server, name, prefix));
  const after = await childTotals(server, prefix);
  await server.unload(MODELS, prefix);
  const medianUs = Object.fromEntries([...latencies].map(([name, found]) => [name, medianOf(found)]));
  const childUs = (after.ns - before.ns) / (after.count - before.count) / 1000;
  const each = (few: string, many: string) => (medianUs[many]! - medianUs[few]!) / MORE - childUs;
  return {
    ensembleStepUs: each('E1', 'E5'),
    blsCallUs: each('P1', 'P5'),
    medianUs,
    childUs,
    requests: REQUESTS,
  };
}

async function latencyUs(server: CompositionServer, name: string, prefix: string): Promise<number> {
  const requests = parseArrivals({ ...MODELS, arrives: `1>${name}@0` });
  const [sent] = await sendRequests(server.connection, requests, nowMs(), { prefix, offset: 1 });
  if (sent!.error !== undefined) throw sent!.error;
  return (sent!.endMs - sent!.lateMs) * 1000;
}

async function childTotals(server: CompositionServer, prefix: string) {
  const [statistics] = await server.client.statistics(`${prefix}B`);
  return statistics!.success;
}

function medianOf(values: readonly number[]): number {
  const ordered = [...values].sort((a, b) => a - b);
  return (ordered[(ordered.length - 1) >> 1]! + ordered[ordered.length >> 1]!) / 2;
}
