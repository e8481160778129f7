import { median } from 'simple-statistics';
import { distinctRequests } from '../../live/asked-models.js';
import type { InferenceClient, ModelStatistics, PreparedRequest } from '../../live/inference-client.js';
import { LoneRequests } from '../../live/lone-requests.js';
import { restingStatistics } from '../../live/resting-statistics.js';
import { subtractStatistics } from '../../live/statistics.js';

/**
 * Requests of two blocks. What others send meanwhile is hardly as much for each request of both: of calibrations that begin at one
 * time each draws how many it sends.
 */
const PROBES = { least: 5, most: 14 } as const;

function drawnBlocks(): readonly [number, number] {
  const { least, most } = PROBES;
  const first = least + Math.floor(Math.random() * (most - least + 1));
  const second = least + Math.floor(Math.random() * (most - least));
  return [first, second < first ? second : second + 1];
}

/** What lone requests to one model made the server count, by model. */
interface Block {
  /** Mean of the client. */
  readonly latencyUs: number;
  readonly counted: ReadonlyMap<string, ModelStatistics>;
}

async function sendBlock(
  client: InferenceClient,
  request: PreparedRequest | (() => PreparedRequest),
  times: number,
): Promise<Block> {
  const before = await restingStatistics(client);
  const requests = new LoneRequests(client, typeof request === 'function' ? request : () => request);
  const startedMs = performance.now();
  for (let i = 0; i < times; i++) await requests.send();
  const latencyUs = ((performance.now() - startedMs) * 1000) / times;
  requests.requireAnswers();
  const counted = subtractStatistics(await restingStatistics(client), before);
  return { latencyUs, counted: new Map(counted.map((each) => [each.model, each])) };
}

/**
 * Finds out how often other models execute for a request to a model: nothing in its configuration tells. What is no whole number,
 * or not the same in both blocks (NaN), is a call of some requests only, or somebody else's.
 * @throws LiveError when the server fails
 */
export async function probeCalls(
  client: InferenceClient,
  request: PreparedRequest,
): Promise<ReadonlyMap<string, number>> {
  await sendBlock(client, request, 1);
  const found = new Map<string, number[]>();
  for (const probes of drawnBlocks()) {
    const { counted } = await sendBlock(client, request, probes);
    for (const { model, success } of counted.values()) {
      if (model === request.model || success.count === 0) continue;
      found.set(model, [...(found.get(model) ?? []), success.count / probes]);
    }
  }
  return new Map(
    [...found].map(([model, [first, second]]) => [model, first === second ? first! : Number.NaN]),
  );
}

/** What a composed model takes besides the models that it calls, microseconds of a lone request. */
export interface ComposedTime {
  /** Of its own execution, the way of its calls included; 0 of an ensemble. */
  readonly ownUs: number;
  /** Of its latency, besides the way to the first model that it calls and all that these take on the server. */
  readonly aroundUs: number;
}

const BLOCKS = 10;
const REQUESTS = 10;

/**
 * Measures a composed model beside the first model that it calls, in turns, so that what the machine does besides meets both.
 * @param called the models that it calls itself
 * @throws LiveError when the server fails
 */
export async function measureComposed(
  client: InferenceClient,
  composed: PreparedRequest,
  first: PreparedRequest,
  called: readonly string[],
): Promise<ComposedTime> {
  const perRequestUs = ({ counted }: Block, model: string, part: 'success' | 'computeInfer') =>
    (counted.get(model)?.[part].ns ?? 0) / 1000 / REQUESTS;
  const times: ComposedTime[] = [];
  for (const request of [first, composed]) await sendBlock(client, request, REQUESTS);
  for (let i = 0; i < BLOCKS; i++) {
    const alone = await sendBlock(client, first, REQUESTS);
    const together = await sendBlock(client, composed, REQUESTS);
    const calledUs = called.reduce((sum, model) => sum + perRequestUs(together, model, 'success'), 0);
    const wayUs = alone.latencyUs - perRequestUs(alone, first.model, 'success');
    times.push({
      ownUs: perRequestUs(together, composed.model, 'computeInfer') - calledUs,
      aroundUs: together.latencyUs - wayUs - calledUs,
    });
  }
  const typical = (part: keyof ComposedTime) => Math.max(0, median(times.map((each) => each[part])));
  return { ownUs: typical('ownUs'), aroundUs: typical('aroundUs') };
}

/** What the server counts of one look-up in its response cache, microseconds, making its key and copying included. */
export interface CacheTimes {
  readonly hitUs: number;
  /** Keeping the answer included. */
  readonly missUs: number;
}

/**
 * Measures hits by equal requests and misses by others.
 * @returns undefined where the server has no cache
 * @throws LiveError when the server fails
 */
export async function measureCache(
  client: InferenceClient,
  request: PreparedRequest,
): Promise<CacheTimes | undefined> {
  const other = await sendBlock(
    client,
    distinctRequests(client, request, { contents: true }),
    BLOCKS * REQUESTS,
  );
  await sendBlock(client, request, 1);
  const equal = await sendBlock(client, request, BLOCKS * REQUESTS);
  const { misses } = other.counted.get(request.model)?.cache ?? {};
  const { hits } = equal.counted.get(request.model)?.cache ?? {};
  if (!misses?.count || !hits?.count) return undefined;
  return { hitUs: hits.ns / hits.count / 1000, missUs: misses.ns / misses.count / 1000 };
}
