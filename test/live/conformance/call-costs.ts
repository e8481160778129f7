import { nowMs } from './heartbeat.js';
import { parseArrivals, type Row } from './row.js';
import type { RowServer } from './row-server.js';
import { sendRequests } from './send-requests.js';

/** What handing a request on costs besides the time in the queue and the execution of the model that is called, microseconds. */
export interface CallCosts {
  /** What an ensemble of one step takes more than its step alone: `triton.ensembleStepUs`. */
  readonly ensembleStepUs: number;
  /** A call of another model, there and back, `triton.blsCallUs`. */
  readonly blsCallUs: number;
  /** Median latency of one client, and of what is left of it without queue and execution of B, by model. */
  readonly medians: Readonly<Record<string, { readonly latencyUs: number; readonly ownUs: number }>>;
  readonly requests: number;
}

const REQUESTS = 200;
/** They come one after the other; nobody has measured the first ones. */
const FIRST = 20;
const MORE = 4;

const fiveSteps = ['IN>B>t1', 't1>B>t2', 't2>B>t3', 't3>B>t4', 't4>B>OUT'].join('; ');
const call = { call: 'B' } as const;

/** A model that does nothing; an ensemble of it and a model that calls it, once and five times. */
const MODELS: Row = {
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
export async function measureCallCosts(server: RowServer): Promise<CallCosts> {
  const prefix = await server.load(MODELS);
  const taken = new Map(Object.keys(MODELS.models).map((name) => [name, [] as Taken[]]));
  for (let round = 0; round < FIRST + REQUESTS; round++)
    for (const [name, found] of taken) found.push(await takenBy(server, name, prefix));
  await server.unload(MODELS);
  const medians = Object.fromEntries(
    [...taken].map(([name, all]) => {
      const counted = all.slice(FIRST);
      const latencyUs = medianOf(counted.map((one) => one.latencyUs));
      return [name, { latencyUs, ownUs: medianOf(counted.map((one) => one.latencyUs - one.childUs)) }];
    }),
  );
  const { B, E1, P1, P5 } = medians as Record<'B' | 'E1' | 'P1' | 'P5', (typeof medians)[string]>;
  // Between steps nothing is to be seen: the next one's queue is counted while the instance still ends the one before.
  const ensembleStepUs = E1.ownUs - B.ownUs;
  return { ensembleStepUs, blsCallUs: (P5.ownUs - P1.ownUs) / MORE, medians, requests: REQUESTS };
}

/** One request: its latency, and what B took for it from the queue to the end of its executions. */
interface Taken {
  readonly latencyUs: number;
  readonly childUs: number;
}

async function takenBy(server: RowServer, name: string, prefix: string): Promise<Taken> {
  const requests = parseArrivals({ ...MODELS, arrives: `1>${name}@0` });
  const beforeUs = await childUs(server, prefix);
  const [sent] = await sendRequests(server.client, MODELS, requests, nowMs(), { prefix, offset: 1 });
  if (sent!.error !== undefined) throw sent!.error;
  const latencyUs = (sent!.endMs - sent!.lateMs) * 1000;
  return { latencyUs, childUs: (await childUs(server, prefix)) - beforeUs };
}

async function childUs(server: RowServer, prefix: string): Promise<number> {
  const [statistics] = await server.client.statistics(`${prefix}B`);
  const { queue, computeInput, computeInfer, computeOutput } = statistics!;
  return [queue, computeInput, computeInfer, computeOutput].reduce((sum, { ns }) => sum + ns, 0) / 1000;
}

function medianOf(values: readonly number[]): number {
  const ordered = [...values].sort((a, b) => a - b);
  return (ordered[(ordered.length - 1) >> 1]! + ordered[ordered.length >> 1]!) / 2;
}
