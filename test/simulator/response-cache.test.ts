import { describe, expect, it } from 'vitest';
import type { CacheOptions, Scenario, Tenant } from '../../src/scenario/scenario.js';
import { ResponseCache } from '../../src/simulator/event-loop/response-cache.js';
import { simulate } from '../../src/simulator/simulate.js';
import type { Trace } from '../../src/trace/trace.js';
import {
  arrivals,
  config,
  lengthOf,
  poisson,
  profile,
  scenario,
  server,
  tenant,
} from '../support/scenario.js';

const CACHE: CacheOptions = { bytes: 1e6, lookUpUs: 0, copyPerKilobyteUs: 0, hashPerKilobyteUs: 0 };
const OFTEN = { contents: { objects: 1, exponent: 1 } };

interface Cached {
  readonly cache?: Partial<CacheOptions>;
  readonly tenant?: Partial<Tenant>;
  /** Whether the ensemble has its answers kept, too, or its step. */
  readonly of?: readonly ('ensemble' | 'step')[];
}

/** An ensemble of one step that takes 2 ms. */
function ensemble(
  atUs: readonly number[],
  { cache = {}, of = ['step'], tenant: more = OFTEN }: Cached,
): Scenario {
  const place = server('s', {
    models: [
      { config: { ...config('m', 1), responseCache: of.includes('step') }, profile: profile('m', 2, 0) },
      {
        config: { ...config('e', 1), responseCache: of.includes('ensemble') },
        profile: profile('e', 0, 0),
        instances: 0,
        more: {
          ensemble: {
            steps: [{ model: 0, needs: [0], gives: [1] }],
            inputs: 1,
            tensors: 2,
            outputs: new Map([['OUT', 1]]),
          },
        },
      },
    ],
  });
  const cached = { ...place, options: { ...place.options, cache: { ...CACHE, ...cache } } };
  const targets = [{ server: 0, model: 1 }];
  return scenario([cached], [tenant('t', 'e', arrivals(atUs), { targets, ...more })], 1);
}

/** A model that takes 2 ms, and has its answers kept. */
function cachedModel(
  atUs: readonly number[],
  cache: Partial<CacheOptions>,
  frontEndThreads: number,
  columns: Partial<Trace> = {},
): Scenario {
  const place = server('s', {
    models: [{ config: { ...config('m', 2), responseCache: true }, profile: profile('m', 2, 0) }],
  });
  const options = { ...place.options, frontEndThreads, cache: { ...CACHE, ...cache } };
  return scenario(
    [{ ...place, options }],
    [tenant('t', 'm', arrivals(atUs, columns), columns.contentId ? {} : OFTEN)],
    1,
  );
}

const latencyMs = (of: Scenario) => {
  const { log } = simulate(of);
  return Array.from(log.endedUs, (us, i) => (us - log.plannedUs[i]!) / 1000);
};
const countsOf = (of: Scenario) =>
  simulate(of).executions.map(({ cache }) => cache && { hits: cache.hits, misses: cache.misses });

// Cases of Triton's ensemble_cache_test.py.
describe('the response cache of a server', () => {
  it('answers a request that was answered before, and counts hits and misses', () => {
    const of = ensemble([0, 10_000, 20_000], {});
    expect(latencyMs(of)).toEqual([2, 0, 0]);
    expect(countsOf(of)).toEqual([{ hits: 2, misses: 1 }, undefined]);
  });

  it('hits an ensemble before its steps, where both have their answers kept', () => {
    const both = ensemble([0, 10_000], { of: ['step', 'ensemble'] });
    expect(countsOf(both)).toEqual([
      { hits: 0, misses: 1 },
      { hits: 1, misses: 1 },
    ]);
    const only = ensemble([0, 10_000], { of: ['ensemble'] });
    expect(countsOf(only)).toEqual([undefined, { hits: 1, misses: 1 }]);
  });

  it('counts each answer of an ensemble that goes into the cache as a miss, also one that is there already', () => {
    const of = ensemble([0, 1000, 10_000], { of: ['step', 'ensemble'] });
    expect(countsOf(of)).toEqual([
      { hits: 0, misses: 1 },
      { hits: 1, misses: 2 },
    ]);
  });

  it('does not wait for an equal request that is under way: both execute, and one answer is new', () => {
    const of = ensemble([0, 1000, 10_000], {});
    expect(latencyMs(of)).toEqual([2, 3, 0]);
    expect(countsOf(of)[0]).toEqual({ hits: 1, misses: 1 });
  });

  it('keeps nothing that is larger than itself', () => {
    const of = ensemble([0, 10_000, 20_000], { cache: { bytes: 100 } });
    expect(latencyMs(of)).toEqual([2, 2, 2]);
    expect(countsOf(of)[0]).toEqual({ hits: 0, misses: 3 });
  });

  it('answers nothing where no two requests are equal', () => {
    expect(latencyMs(ensemble([0, 10_000], { tenant: {} }))).toEqual([2, 2]);
  });

  it('asks for the answers one after the other where one thread takes requests in', () => {
    const alone = { hashPerKilobyteUs: 1024 };
    // 1,000 bytes to hash take 1 ms: when the thread looks for the third answer, the first one is kept.
    expect(latencyMs(cachedModel([0, 0, 0], alone, 1))).toEqual([3, 5, 3]);
    expect(latencyMs(cachedModel([0, 0, 0], alone, 8))).toEqual([3, 5, 7]);
  });

  it('counts the delay of a batch from when its requests came, not from when their answers were not found', () => {
    const of = cachedModel([0, 100], { hashPerKilobyteUs: 1024 }, 8, { contentId: Float64Array.of(1, 2) });
    const held = { ...of.servers[0]!.models[0]! };
    const model = {
      ...held,
      config: { ...config('m', 4, { maxQueueDelayUs: 1500, preferredBatchSizes: [4] }), responseCache: true },
    };
    // 1,000 bytes to hash take 1 ms, so that 0.5 ms are left.
    expect(latencyMs({ ...of, servers: [{ ...of.servers[0]!, models: [model] }] })).toEqual([3.5, 3.4]);
  });

  it('keeps threads busy that take requests in for models without a cache, too', () => {
    const of = cachedModel([0, 0], { hashPerKilobyteUs: 1024 }, 1);
    const other = { ...of.servers[0]!.models[0]!, config: config('o', 1), profile: profile('o', 2, 0) };
    const place = { ...of.servers[0]!, models: [...of.servers[0]!.models, other] };
    const asks = tenant('u', 'o', arrivals([500]), { targets: [{ server: 0, model: 1 }] });
    // The only thread makes keys until 2 ms.
    expect(latencyMs({ ...of, servers: [place], tenants: [...of.tenants, asks] })).toEqual([3, 5, 3.5]);
  });

  it('looks for the answer to a request like no other as well, and keeps it in the place of others', () => {
    const contentId = Float64Array.of(7, 0, 7);
    const latencies = (cache: Partial<CacheOptions>) =>
      latencyMs(cachedModel([0, 10_000, 20_000], cache, 8, { contentId }));
    expect(latencies({ lookUpUs: 100 })).toEqual([2.2, 2.2, 0.1]);
    expect(latencies({ bytes: 200 })).toEqual([2, 2, 2]);
  });

  it('takes requests of different sizes for different ones', () => {
    const batchSize = Uint16Array.of(1, 2, 2, 1);
    const contentId = Float64Array.of(7, 7, 7, 7);
    const of = cachedModel([0, 10_000, 20_000, 30_000], {}, 8, { contentId, batchSize });
    expect(latencyMs(of)).toEqual([2, 2, 0, 0]);
  });

  it('takes time for the key, for the lock and for copies', () => {
    const times = { lookUpUs: 100, copyPerKilobyteUs: 0, hashPerKilobyteUs: 1000 };
    const of = ensemble([0, 10_000], { cache: times, of: ['ensemble'] });
    // 1,000 bytes to hash take 0.977 ms; the first one is looked for and kept.
    expect(latencyMs(of)[0]).toBeCloseTo(2 + 0.2 + 1000 / 1024, 5);
    expect(latencyMs(of)[1]).toBeCloseTo(0.1 + 1000 / 1024, 5);
    const { executed, hitsTookMs, executedTookMs, cacheTookMs } = simulate(of).executions[1]!.cache!;
    expect(executed).toBe(1);
    expect(hitsTookMs).toBeCloseTo(0.1 + 1000 / 1024, 5);
    expect(executedTookMs).toBeCloseTo(2 + 0.2 + 1000 / 1024, 5);
    expect(cacheTookMs).toBeCloseTo(0.2 + 1000 / 1024, 5);
  });

  it('keeps the thread busy that calls a step whose answer is looked for', () => {
    const of = ensemble([0, 500], { cache: { hashPerKilobyteUs: 1000 }, tenant: {} });
    const [place] = of.servers;
    const fast = { ...place!.models[0]!, instances: [{ device: 0, profile: profile('m', 0.2, 0) }] };
    const options = { ...place!.options, frontEndThreads: 1 };
    const alone = { ...of, servers: [{ ...place!, options, models: [fast, place!.models[1]!] }] };
    // The only thread makes the key of the first call until 1 ms, then that of the second; an execution takes 0.2 ms.
    expect(latencyMs(alone)[0]).toBeCloseTo(0.2 + 1000 / 1024, 5);
    expect(latencyMs(alone)[1]).toBeCloseTo(0.2 + 2000 / 1024 - 0.5, 5);
  });

  it('has a response wait once for the answer of an ensemble that is kept before it', () => {
    const of = ensemble([0, 0, 1], { cache: { lookUpUs: 100 }, of: ['step', 'ensemble'], tenant: {} });
    const [place] = of.servers;
    const batched = { ...place!.models[0]!, config: { ...config('m', 4, {}), responseCache: true } };
    const options = { ...place!.options, frontEndThreads: 8 };
    const together = { ...of, servers: [{ ...place!, options, models: [batched, place!.models[1]!] }] };
    const endedMs = Array.from(simulate(together).log.endedUs, (us) => us / 1000).sort((a, b) => a - b);
    // The second batch has two, each of which is kept for the step and for the ensemble: four times 0.1 ms.
    expect(endedMs[2]! - endedMs[1]!).toBeCloseTo(0.2, 6);
  });

  it('drops what was used least recently, and never holds more than it may', () => {
    const cache = new ResponseCache({ ...CACHE, bytes: 300 });
    for (const key of [1, 2, 3]) cache.keep(key, 100, 0);
    expect(cache.lookUp(1, 0).isHit).toBe(true);
    cache.keep(4, 100, 0);
    expect([1, 2, 3, 4].map((key) => cache.lookUp(key, 0).isHit)).toEqual([true, false, true, true]);
    expect(cache.bytes).toBeLessThanOrEqual(300);
  });

  it('holds one lock: who comes while it is taken waits', () => {
    const cache = new ResponseCache({ ...CACHE, lookUpUs: 10 });
    expect([cache.lookUp(1, 0).atNs, cache.lookUp(1, 4000).atNs, cache.lookUp(1, 50_000).atNs]).toEqual([
      10_000, 20_000, 60_000,
    ]);
  });

  it('hits as often as popular contents come again', () => {
    const load = poisson('a', 200, 4000);
    const place = server('s', {
      models: [{ config: { ...config('m', 1), responseCache: true }, profile: profile('m', 0.1, 0) }],
    });
    const cached = { ...place, options: { ...place.options, cache: CACHE } };
    const of = scenario(
      [cached],
      [tenant('t', 'm', load, { contents: { objects: 50, exponent: 0 } })],
      lengthOf(load, 1),
    );
    const { hits, misses } = simulate(of).executions[0]!.cache!;
    // Each of the 50 executes once, and seldom twice because an equal one comes meanwhile.
    expect(misses).toBe(50);
    expect(hits).toBeGreaterThan(4000 - 80);
  });
});
