import { mean } from 'simple-statistics';
import { type InferenceClient, nowMs, type PreparedRequest, wrapped } from '../../live/inference-client.js';
import { LoneRequests } from '../../live/lone-requests.js';
import { restingStatistics } from '../../live/resting-statistics.js';
import { subtractStatistics } from '../../live/statistics.js';
import { requestMeans } from '../fit/phases.js';

/** What lone requests to a decoupled model showed. */
export interface StreamTimes {
  /** Mean number of responses. */
  readonly mean: number;
  readonly law: 'constant' | 'geometric';
  /** From the end of the execution to the first response; below 0 where responses come while the instance executes. */
  readonly firstUs: number;
  readonly gapUs: number;
  /** Of a call that the server answers at once, client and front end included. */
  readonly networkDelayUs: number;
  /** What the server counted of a request: until its execution ends. */
  readonly requestUs: number;
}

const MOST_STREAMS = 30;
const LEAST_STREAMS = 3;
const LONGEST_MS = 10_000;
const PINGS = 20;

/**
 * Measures the responses of lone requests. The server counts a request until its execution ends, so that a first response that the
 * client has before so long leaves within the execution: then the last one ends it. Otherwise all responses come after it.
 * @throws LiveError when the server fails
 */
export async function measureStream(client: InferenceClient, request: PreparedRequest): Promise<StreamTimes> {
  const requests = new LoneRequests(client, () => request);
  await requests.send();
  const networkDelayUs = await pingUs(client);
  const before = await restingStatistics(client, [request.model]);
  const streams: number[][] = [];
  const startedMs = nowMs(client);
  const isEnough = () => streams.length >= LEAST_STREAMS && nowMs(client) - startedMs > LONGEST_MS;
  for (let sent = 0; sent < MOST_STREAMS && !isEnough(); sent++) {
    const sentMs = nowMs(client);
    const responsesUs: number[] = [];
    const isAnswered = await requests.send(() => responsesUs.push((nowMs(client) - sentMs) * 1000));
    if (isAnswered && responsesUs.length > 0) streams.push(responsesUs);
  }
  requests.requireAnswers();
  const [counted] = subtractStatistics(await restingStatistics(client, [request.model]), before);
  const { requestUs } = requestMeans(counted!);
  return timesOf(streams, requestUs, networkDelayUs);
}

/** Of responses as the client had them, beside what the server counted of a request. */
export function timesOf(
  streams: readonly (readonly number[])[],
  requestUs: number,
  networkDelayUs: number,
): StreamTimes {
  if (streams.length === 0)
    return { mean: 1, law: 'constant', firstUs: 0, gapUs: 0, networkDelayUs, requestUs };
  const counts = streams.map(({ length }) => length);
  const firstUs = mean(streams.map(([first]) => first!));
  const spansUs = streams.map((each) => each.at(-1)! - each[0]!);
  const gaps = counts.reduce((sum, count) => sum + count - 1, 0);
  return {
    mean: mean(counts),
    law: new Set(counts).size === 1 ? 'constant' : 'geometric',
    firstUs: firstUs < requestUs ? -mean(spansUs) : Math.max(0, firstUs - requestUs - networkDelayUs),
    gapUs: gaps === 0 ? 0 : spansUs.reduce((sum, us) => sum + us, 0) / gaps,
    ...{ networkDelayUs, requestUs },
  };
}

/** What client, network and front end take at least: what requests take longer counts as the wait for their first response. */
async function pingUs(client: InferenceClient): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < PINGS; i++) {
    const startedMs = nowMs(client);
    await client.ping();
    times.push((nowMs(client) - startedMs) * 1000);
  }
  return Math.min(...times);
}

/** Of each model whose responses come after its execution, how long after it the first one comes, microseconds. */
export function lagsOf(streams: ReadonlyMap<string, StreamTimes>): Map<string, number> {
  const late = [...streams].filter(([, { firstUs }]) => firstUs >= 0);
  return new Map(late.map(([model, { firstUs }]) => [model, firstUs]));
}

/**
 * Responses that leave while their model executes, at the same share of its executions as the profile has them: lone requests met the
 * machine at another moment.
 */
export function withinExecutions(
  streams: ReadonlyMap<string, StreamTimes>,
  executionsUs: ReadonlyMap<string, number>,
): Map<string, StreamTimes> {
  return new Map(
    [...streams].map(([model, stream]) => {
      const { firstUs, gapUs, requestUs } = stream;
      const executionUs = executionsUs.get(model);
      if (firstUs >= 0 || executionUs === undefined) return [model, stream];
      const scale = executionUs / requestUs;
      return [model, { ...stream, firstUs: firstUs * scale, gapUs: gapUs * scale }];
    }),
  );
}

/** A client for which a request to one of these models ends with its first response, soon after its execution. */
export function withFirstResponses(
  client: InferenceClient,
  isAfterExecution: (model: string) => boolean,
): InferenceClient {
  return wrapped(client, {
    send: (request, done, responded) => {
      if (!isAfterExecution(request.model)) return client.send(request, done, responded);
      let isOpen = true;
      const end: typeof done = (error) => {
        if (isOpen) done(error);
        isOpen = false;
      };
      client.send(request, end, () => {
        if (isOpen) responded?.();
        end(undefined);
      });
    },
  });
}

/** What the fit report says of them. */
export function streamLines(streams: ReadonlyMap<string, StreamTimes>): string[] {
  const ms = (us: number) => `${Math.abs(us / 1000).toFixed(1)} ms`;
  return [...streams].map(([name, { mean: number, firstUs, gapUs }]) => {
    const when = firstUs < 0 ? 'before its execution ends' : 'after its execution has ended';
    return `${name} gives ${number.toFixed(1)} responses: the first ${ms(firstUs)} ${when}, then one every ${ms(gapUs)}`;
  });
}
