import { median } from 'simple-statistics';
import { remembered } from '../../base/remembered.js';
import { distinctRequests } from '../../live/asked-models.js';
import {
  type InferenceClient,
  type ModelStatistics,
  nowMs,
  type PreparedRequest,
} from '../../live/inference-client.js';
import { LoneRequests } from '../../live/lone-requests.js';
import { restingStatistics } from '../../live/resting-statistics.js';
import { subtractStatistics } from '../../live/statistics.js';
import { meanUs } from '../fit/phases.js';
import type { StreamTimes } from './streams.js';

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
  /** Until a request had its first response, and from then to its end, means of the client. */
  readonly latencyUs: number;
  readonly restUs: number;
  readonly counted: ReadonlyMap<string, ModelStatistics>;
}

async function sendBlock(
  client: InferenceClient,
  request: PreparedRequest | (() => PreparedRequest),
  times: number,
): Promise<Block> {
  const before = await restingStatistics(client);
  const requests = new LoneRequests(client, typeof request === 'function' ? request : () => request);
  let waitedMs = 0;
  let restMs = 0;
  for (let i = 0; i < times; i++) {
    const sentMs = nowMs(client);
    let firstMs: number | undefined;
    await requests.send(() => {
      firstMs ??= nowMs(client);
    });
    const endedMs = nowMs(client);
    waitedMs += (firstMs ?? endedMs) - sentMs;
    restMs += endedMs - (firstMs ?? endedMs);
  }
  requests.requireAnswers();
  const counted = subtractStatistics(await restingStatistics(client), before);
  return {
    latencyUs: (waitedMs * 1000) / times,
    restUs: (restMs * 1000) / times,
    counted: new Map(counted.map((each) => [each.model, each])),
  };
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
      remembered(found, model, () => [] as number[]).push(success.count / probes);
    }
  }
  return new Map(
    [...found].map(([model, [first, second]]) => [model, first === second ? first! : Number.NaN]),
  );
}

export interface CalledModel {
  readonly request: PreparedRequest;
  /** How often each request makes it call. */
  readonly times: number;
  /** Of a decoupled one what its lone requests showed. */
  readonly stream: StreamTimes | undefined;
}

/** What a composed model showed besides the models that it calls. */
export interface ComposedTime {
  /**
   * Of one that is not an ensemble, of its own execution, the hand-over of its calls included: below 0 where it makes them at once, or when
   * its execution has ended. Of an ensemble all hand-overs until the first response.
   */
  readonly costUs: number;
  /** How often models execute for one request, whoever calls them; the mean. */
  readonly executions: ReadonlyMap<string, number>;
  /** How long a request keeps an instance of its own busy; an ensemble has none. */
  readonly busyUs?: number;
}

const BLOCKS = 10;
const REQUESTS = 10;

/**
 * Measures a composed model by lone requests, in turns with some to the first step of an ensemble and to those that it calls that
 * stream, so that what the machine does besides meets all. Of an ensemble: what its first response takes longer than those of its
 * steps, one after the other.
 * @param called the models that it calls itself, the first step of an ensemble first
 * @throws LiveError when the server fails
 */
export async function measureComposed(
  client: InferenceClient,
  composed: PreparedRequest,
  called: readonly CalledModel[],
  isEnsemble: boolean,
): Promise<ComposedTime> {
  const first = called[0]!;
  const beside = called.filter((each) => each.stream !== undefined || (isEnsemble && each === first));
  const counts = new Map<string, number>();
  const costsUs: number[] = [];
  const busyUs: number[] = [];
  for (const { request } of [first, { request: composed }]) await sendBlock(client, request, REQUESTS);
  for (let i = 0; i < BLOCKS; i++) {
    const alone = new Map<CalledModel, Block>();
    for (const each of beside) alone.set(each, await sendBlock(client, each.request, REQUESTS));
    const together = await sendBlock(client, composed, REQUESTS);
    const partUs = (block: Block, each: CalledModel) => {
      const streamed = each.stream && alone.get(each);
      const afterUs = streamed === undefined ? 0 : afterExecutionUs(streamed, each);
      return successUs(block, each) + (isEnsemble ? afterUs : Math.max(0, afterUs + (streamed?.restUs ?? 0)));
    };
    const calledUs = called.reduce((sum, each) => sum + each.times * partUs(together, each), 0);
    if (isEnsemble) {
      const step = alone.get(first)!;
      costsUs.push(together.latencyUs - (step.latencyUs - partUs(step, first)) - calledUs);
    } else {
      busyUs.push(meanUs(together.counted.get(composed.model)?.computeInfer));
      costsUs.push(busyUs.at(-1)! - calledUs);
    }
    for (const [model, { success }] of together.counted)
      counts.set(model, (counts.get(model) ?? 0) + success.count);
  }
  const executions = [...counts].map(([model, count]) => [model, count / (BLOCKS * REQUESTS)] as const);
  return {
    costUs: median(costsUs),
    executions: new Map(executions),
    ...(busyUs.length > 0 && { busyUs: median(busyUs) }),
  };
}

function successUs({ counted }: Block, { request }: CalledModel): number {
  return meanUs(counted.get(request.model)?.success);
}

/** From the end of an execution to its first response; below 0 where it leaves before. */
function afterExecutionUs(block: Block, called: CalledModel): number {
  const { firstUs, networkDelayUs } = called.stream!;
  return firstUs < 0 ? firstUs : Math.max(0, block.latencyUs - successUs(block, called) - networkDelayUs);
}

/** What the server counts of one look-up in its response cache, microseconds. */
export interface CacheTimes {
  /** Finding and copying the answer. */
  readonly hitUs: number;
  /** Keeping the answer included. */
  readonly missUs: number;
  /** Making the key of the request's bytes, which Triton counts as queueing. */
  readonly keyUs: number;
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
  const equal = (await sendBlock(client, request, BLOCKS * REQUESTS)).counted.get(request.model);
  const { misses } = other.counted.get(request.model)?.cache ?? {};
  const { hits } = equal?.cache ?? {};
  if (!misses?.count || !hits?.count) return undefined;
  return { hitUs: meanUs(hits), missUs: meanUs(misses), keyUs: meanUs(equal!.queue) };
}
