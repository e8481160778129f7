import { Random } from '../../src/base/random.js';
import { Outcome, type RequestLog } from '../../src/trace/request-log.js';

/** One request of a hand-made log; times in microseconds. What is left out has no share in the latency. */
export interface TestRequest {
  readonly tenant?: number;
  readonly plannedUs: number;
  readonly sentUs?: number;
  readonly startedUs?: number;
  readonly endedUs?: number;
  readonly outcome?: number;
  readonly batchSize?: number;
  readonly executedBatch?: number;
  readonly networkUs?: number;
  readonly frontEndUs?: number;
}

/**
 * A log of requests whose execution takes from `startedUs` to `endedUs` less half of their network
 * time, all of it inference. Requests without an end are unfinished.
 */
export function buildLog(
  requests: readonly TestRequest[],
  endUs: number,
  tenants: readonly string[] = ['a'],
): RequestLog {
  const column = (figure: (request: TestRequest) => number) => Float64Array.from(requests, figure);
  const zeros = () => new Float32Array(requests.length);
  const outcomeOf = (request: TestRequest) =>
    request.outcome ?? (request.endedUs === undefined ? Outcome.unfinished : Outcome.completed);
  const sent = (request: TestRequest) => request.sentUs ?? request.plannedUs;
  const queued = (request: TestRequest) =>
    sent(request) + (request.networkUs ?? 0) / 2 + (request.frontEndUs ?? 0);
  const started = (request: TestRequest) => request.startedUs ?? Number.NaN;
  const tenant = Uint16Array.from(requests, (request) => request.tenant ?? 0);
  const server = new Uint16Array(requests.length);
  const outcome = Uint8Array.from(requests, outcomeOf);
  return {
    tenants,
    servers: ['server'],
    tenant,
    server,
    batchSize: Uint16Array.from(requests, (request) => request.batchSize ?? 1),
    plannedUs: column((request) => request.plannedUs),
    sentUs: column(sent),
    endedUs: column((request) => request.endedUs ?? Number.NaN),
    frontEndUs: Float32Array.from(requests, (request) => request.frontEndUs ?? 0),
    networkUs: Float32Array.from(requests, (request) => request.networkUs ?? 0),
    outcome,
    calls: {
      models: tenants.map((name) => ({ name })),
      model: tenant,
      server,
      instance: new Int16Array(requests.length),
      queuedUs: column(queued),
      startedUs: column(started),
      inputUs: zeros(),
      inferUs: Float32Array.from(
        requests,
        (request) => (request.endedUs ?? Number.NaN) - started(request) - (request.networkUs ?? 0) / 2,
      ),
      outputUs: zeros(),
      responseUs: zeros(),
      execution: Int32Array.from(requests, (_, i) => i),
      executedBatch: Uint16Array.from(requests, (request) => request.executedBatch ?? request.batchSize ?? 1),
      outcome,
    },
    endUs,
  };
}

export interface QueueOptions {
  readonly load: number;
  readonly arrivals: number;
  readonly seed: number;
  /** Arrival rate before the end over that after it: a flash crowd until that share of the arrivals. */
  readonly until?: { readonly share: number; readonly load: number };
}

/**
 * The log of a single server with Poisson arrivals and exponential service of mean 1000 µs (M/M/1),
 * first come first served, that starts empty and ends with the last arrival.
 */
export function mm1Log({ load, arrivals, seed, until }: QueueOptions): RequestLog {
  const random = new Random(seed, 1, 2);
  const requests: TestRequest[] = [];
  let nowUs = 0;
  let freeUs = 0;
  for (let i = 0; i < arrivals; i++) {
    const current = until !== undefined && i < until.share * arrivals ? until.load : load;
    nowUs += (-Math.log(random.nextOpen()) * 1000) / current;
    const startedUs = Math.max(nowUs, freeUs);
    freeUs = startedUs - Math.log(random.nextOpen()) * 1000;
    requests.push({ plannedUs: nowUs, startedUs, endedUs: freeUs });
  }
  return cutAt(requests, nowUs);
}

/** What has not ended by `endUs` is unfinished, what has not begun never began. */
export function cutAt(requests: readonly TestRequest[], endUs: number): RequestLog {
  const cut = requests.map((request): TestRequest => {
    if (request.endedUs! <= endUs) return request;
    const { endedUs, startedUs, ...rest } = request;
    return startedUs! < endUs ? { ...rest, startedUs: startedUs! } : rest;
  });
  return buildLog(cut, endUs);
}

/** Waiting times of the first customers of an M/M/1 queue in units of the mean service, by Lindley's recursion. */
export function mm1Waits(load: number, count: number, random: Random): Float64Array {
  const waits = new Float64Array(count);
  let wait = 0;
  for (let i = 0; i < count; i++) {
    waits[i] = wait;
    const service = -Math.log(random.nextOpen());
    const gap = -Math.log(random.nextOpen()) / load;
    wait = Math.max(0, wait + service - gap);
  }
  return waits;
}

/** A first-order autoregression with standard normal marginals. */
export function ar1(correlation: number, count: number, random: Random): Float64Array {
  const series = new Float64Array(count);
  let value = normal(random);
  for (let i = 0; i < count; i++) {
    series[i] = value;
    value = correlation * value + Math.sqrt(1 - correlation ** 2) * normal(random);
  }
  return series;
}

function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(random.nextOpen())) * Math.cos(2 * Math.PI * random.next());
}
