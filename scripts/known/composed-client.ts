import { sum } from 'simple-statistics';
import {
  type InferenceClient,
  type LiveModelConfig,
  type ModelStatistics,
  wrapped,
} from '../../src/live/inference-client.js';
import { withGeneratorDelay } from '../../src/scenario/generator-delay.js';
import type { Scenario } from '../../src/scenario/scenario.js';
import { simulate } from '../../src/simulator/simulate.js';
import type { RequestLog } from '../../src/trace/request-log.js';
import { checkedScenario } from '../support/checked-scenario.js';
import {
  CACHED_BYTES,
  type CacheFigures,
  type ComposedServer,
  profilesOf,
  specOf,
} from './composed-servers.js';

/** A server of composed models under one load, sent by perseus' own generator. */
export function composedScenario(known: ComposedServer, spec: object, model: string, load: object): Scenario {
  const contents = known.triton.cache && { contents: { objects: 100, exponent: 1 } };
  const tenants = [{ name: 'client', model, load, ...contents }];
  return withGeneratorDelay(checkedScenario({ ...spec, tenants }, profilesOf(known)));
}

/** One request, and all that it causes. */
const LONE = { closedLoop: { concurrency: 1, maxRequests: 1 } };

/** The simulator in the place of a server of composed models: lone requests, on a clock of its own. */
export function connectComposed(known: ComposedServer): InferenceClient {
  const spec = specOf(known);
  let nowMs = 0;
  const logs = new Map<string, RequestLog>();
  const sent = new Map<string, number>();
  const cache = known.triton.cache && new KnownCache(known.triton.cache);
  const [server] = composedScenario(known, spec, known.asked, LONE).servers;
  const { models } = server!;
  const logOf = (model: string) => {
    const log = logs.get(model) ?? simulate(composedScenario(known, spec, model, LONE)).log;
    logs.set(model, log);
    return log;
  };
  const own: Partial<InferenceClient> = {
    url: 'known',
    nowMs: () => nowMs,
    repositoryIndex: async () =>
      models.map(({ config }) => ({ model: config.name, version: '1', state: 'READY', reason: '' })),
    modelConfig: async (model): Promise<LiveModelConfig> => ({
      config: models.find(({ config }) => config.name === model)!.config,
      json: known.models.find(({ name }) => name === model)!.config,
      version: '1',
    }),
    prepare: ({ model, batchSize }) => ({ model, batchSize, bytes: new Uint8Array(), content: CONTENT }),
    mark: (request, { content = 0 }) => ({ ...request, content: { ...CONTENT, at: content } }),
    statistics: async (model) =>
      models.flatMap(({ config: { name } }) =>
        model !== undefined && model !== name
          ? []
          : (cache?.added(countedOf(name, logs, sent)) ?? countedOf(name, logs, sent)),
      ),
    ping: async () => {
      const { requestDelayUs, responseDelayUs } = models[0]!.networkDelay!;
      nowMs += (requestDelayUs + responseDelayUs) / 1000;
    },
    send: ({ model, content }, done, responded) => {
      if (cache?.hits(content!.at) === true) return done(undefined);
      const { endedUs, sentUs, responses } = logOf(model);
      const [firstUs, endUs] = [responses?.firstUs[0] ?? 0, endedUs[0]!];
      const count = responses?.count[0] ?? 0;
      const startMs = nowMs - sentUs[0]! / 1000;
      for (let i = 0; i < count; i++) {
        nowMs = startMs + (firstUs + ((endUs - firstUs) * i) / Math.max(1, count - 1)) / 1000;
        responded?.();
      }
      nowMs = startMs + endUs / 1000;
      sent.set(model, (sent.get(model) ?? 0) + 1);
      done(undefined);
    },
  };
  return wrapped({} as InferenceClient, own);
}

/** Which content a request has is in the place of its bytes. */
const CONTENT = { at: 0, dataType: 'FP32', digits: 1, base: 2, room: 2 ** 30 };

/** What a server's response cache knows, and what Triton counts of it: making keys as queueing. */
class KnownCache {
  readonly #figures: CacheFigures;
  readonly #known = new Set<number>();
  #hits = 0;

  constructor(figures: CacheFigures) {
    this.#figures = figures;
  }

  hits(content: number): boolean {
    const isHit = this.#known.has(content);
    this.#known.add(content);
    if (isHit) this.#hits++;
    return isHit;
  }

  added(executed: ModelStatistics): ModelStatistics {
    const { lookUpUs, hashPerKilobyteUs = 0 } = this.#figures;
    const { count } = executed.success;
    const lookedUp = (times: number) => ({ count: times, ns: 1000 * times * lookUpUs });
    const all = count + this.#hits;
    return {
      ...executed,
      success: { count: all, ns: executed.success.ns + lookedUp(this.#hits).ns },
      queue: { count: all, ns: (all * 1000 * hashPerKilobyteUs * CACHED_BYTES) / 1024 },
      cache: { hits: lookedUp(this.#hits), misses: lookedUp(count) },
    };
  }
}

/** All that requests to any model made it do, as Triton counts: a request of a decoupled one until its execution ends. */
function countedOf(
  model: string,
  logs: ReadonlyMap<string, RequestLog>,
  sent: ReadonlyMap<string, number>,
): ModelStatistics {
  const parts = [...logs].map(([asked, { calls }]) => {
    const rows = [...calls.model.keys()].filter((row) => calls.models[calls.model[row]!]!.name === model);
    const inferUs = sum([0, ...rows.map((row) => calls.inferUs[row]!)]);
    const us = rows.map((row) => {
      const executedUs = calls.inputUs[row]! + calls.inferUs[row]! + calls.outputUs[row]!;
      return calls.startedUs[row]! - calls.queuedUs[row]! + executedUs + calls.responseUs[row]!;
    });
    return { times: sent.get(asked) ?? 0, count: rows.length, inferUs, successUs: sum([0, ...us]) };
  });
  const total = (of: (part: (typeof parts)[number]) => number) =>
    sum([0, ...parts.map((part) => part.times * of(part))]);
  const count = total((part) => part.count);
  const duration = (us: number) => ({ count, ns: us * 1000 });
  const none = { count: 0, ns: 0 };
  return {
    ...{ model, version: '1', inferenceCount: count, executionCount: count, batches: [] },
    success: duration(total(({ successUs }) => successUs)),
    computeInfer: duration(total(({ inferUs }) => inferUs)),
    ...{ fail: none, queue: none, computeInput: none, computeOutput: none },
  };
}
