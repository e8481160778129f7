import type { CallTable } from '../../src/trace/calls.js';
import { Outcome, type RequestLog } from '../../src/trace/request-log.js';

/** A call of a hand-made request; times in microseconds. */
export interface ShapedCall {
  readonly model?: string;
  readonly version?: string;
  /** Place of the call that made it among those of its request; none: the client. */
  readonly parent?: number;
  readonly queuedUs: number;
  /** When its execution began, with the number and the size of that; left out: none. */
  readonly execution?: {
    readonly number: number;
    readonly startedUs: number;
    readonly inferUs: number;
    readonly batch?: number;
  };
  readonly endedUs: number;
  readonly outcome?: number;
}

/** A hand-made request; times in microseconds. */
export interface ShapedRequest {
  readonly plannedUs: number;
  readonly networkUs?: number;
  readonly endedUs?: number;
  readonly outcome?: number;
  readonly calls: readonly ShapedCall[];
  /** How many responses it had by its end, and when the first; left out: one, at the end. */
  readonly responses?: { readonly count: number; readonly firstUs: number };
}

/** The log of one tenant `t` on a server `s`, with these requests in order of their plan. */
export function shapedLog(requests: readonly ShapedRequest[], endUs: number): RequestLog {
  const times = (of: (request: ShapedRequest) => number) => Float64Array.from(requests, of);
  const outcome = Uint8Array.from(requests, outcomeOf);
  const isStream = requests.some(({ responses }) => responses !== undefined);
  return {
    tenants: ['t'],
    servers: ['s'],
    tenant: new Uint16Array(requests.length),
    server: new Uint16Array(requests.length),
    batchSize: new Uint16Array(requests.length).fill(1),
    plannedUs: times(({ plannedUs }) => plannedUs),
    sentUs: times(({ plannedUs }) => plannedUs),
    endedUs: times(({ endedUs }) => endedUs ?? Number.NaN),
    frontEndUs: new Float32Array(requests.length),
    networkUs: Float32Array.from(requests, ({ networkUs = 0 }) => networkUs),
    outcome,
    ...(isStream && {
      responses: {
        count: Uint32Array.from(requests, (each) => each.responses?.count ?? Number(outcomeOf(each) === 0)),
        firstUs: times((each) => each.responses?.firstUs ?? each.endedUs ?? Number.NaN),
      },
    }),
    calls: callTable(requests),
    endUs,
  };
}

function outcomeOf({ outcome, endedUs }: ShapedRequest): number {
  return outcome ?? (endedUs === undefined ? Outcome.unfinished : Outcome.completed);
}

function callTable(requests: readonly ShapedRequest[]): CallTable {
  const first = new Uint32Array(requests.length + 1);
  requests.forEach(({ calls }, i) => {
    first[i + 1] = first[i]! + calls.length;
  });
  const calls = requests.flatMap((request) => request.calls);
  const keys = [...new Set(calls.map(modelKey))];
  const times = (of: (call: ShapedCall) => number) => Float64Array.from(calls, of);
  return {
    models: keys.map((key) => {
      const { model = 'm', version } = calls.find((call) => modelKey(call) === key)!;
      return { name: model, ...(version !== undefined && { version }) };
    }),
    model: Uint16Array.from(calls, (call) => keys.indexOf(modelKey(call))),
    server: new Uint16Array(calls.length),
    instance: Int16Array.from(calls, ({ execution }) => (execution === undefined ? -1 : 0)),
    queuedUs: times(({ queuedUs }) => queuedUs),
    startedUs: times(({ execution }) => execution?.startedUs ?? Number.NaN),
    inputUs: new Float32Array(calls.length),
    inferUs: Float32Array.from(calls, ({ execution }) => execution?.inferUs ?? 0),
    outputUs: new Float32Array(calls.length),
    responseUs: Float32Array.from(calls, ({ execution, endedUs }) =>
      execution === undefined ? 0 : endedUs - execution.startedUs - execution.inferUs,
    ),
    execution: Int32Array.from(calls, ({ execution }) => execution?.number ?? -1),
    executedBatch: Uint16Array.from(calls, ({ execution }) => (execution && (execution.batch ?? 1)) ?? 0),
    outcome: Uint8Array.from(calls, ({ outcome = Outcome.completed }) => outcome),
    ...(requests.some((request) => request.calls.length !== 1) && {
      tree: {
        first,
        parent: Int32Array.from(
          requests.flatMap(({ calls: own }, i) =>
            own.map(({ parent }) => (parent === undefined ? -1 : first[i]! + parent)),
          ),
        ),
        endedUs: times(({ endedUs }) => endedUs),
      },
    }),
  };
}

function modelKey({ model = 'm', version = '' }: ShapedCall): string {
  return `${model}\n${version}`;
}

/** Microseconds between two requests of the logs below. */
const PERIOD_US = 1000;

/** Requests of the shape and plain ones in turn. */
function alternating(count: number, shaped: (atUs: number, i: number) => ShapedRequest): RequestLog {
  const requests = Array.from({ length: count }, (_, i) =>
    i % 2 === 0 ? shaped(i * PERIOD_US, i) : plainRequest(i * PERIOD_US, i),
  );
  return shapedLog(requests, (count + 1) * PERIOD_US);
}

/** 100 us on the network, 200 us in the queue, 400 us of inference: 700 us. */
export function plainRequest(atUs: number, execution: number): ShapedRequest {
  return {
    plannedUs: atUs,
    networkUs: 100,
    endedUs: atUs + 700,
    calls: [
      {
        queuedUs: atUs + 50,
        execution: { number: execution, startedUs: atUs + 250, inferUs: 400 },
        endedUs: atUs + 650,
      },
    ],
  };
}

/** The logs that every consumer of a log is tested with; each has as many plain requests as requests of its shape. */
export const SHAPES = {
  /** Responses from a cache: a call without an execution and a request without a call in turn, 150 us each. */
  'no execution': (count = 200) =>
    alternating(count, (atUs, i) => ({
      plannedUs: atUs,
      networkUs: 100,
      endedUs: atUs + 150,
      calls: i % 4 === 0 ? [{ queuedUs: atUs + 50, endedUs: atUs + 100 }] : [],
    })),
  /** An ensemble of two steps, each 100 us in the queue and 300 us of inference: 900 us. */
  'two executions': (count = 200) =>
    alternating(count, (atUs, i) => ({
      plannedUs: atUs,
      networkUs: 100,
      endedUs: atUs + 900,
      calls: [
        { model: 'ensemble', queuedUs: atUs + 50, endedUs: atUs + 850 },
        step('m', atUs + 50, 2 * count + i),
        step('n', atUs + 450, 3 * count + i),
      ],
    })),
  /** Five responses: the first after 700 us, the last 400 us later: 1100 us. */
  'several responses': (count = 200) =>
    alternating(count, (atUs, i) => {
      const plain = plainRequest(atUs, i);
      return {
        ...plain,
        endedUs: atUs + 1100,
        calls: plain.calls.map((call) => ({ ...call, endedUs: atUs + 1050 })),
        responses: { count: 5, firstUs: atUs + 700 },
      };
    }),
} as const;

export type ShapeName = keyof typeof SHAPES;
export const SHAPE_NAMES = Object.keys(SHAPES) as ShapeName[];

/** Microseconds that requests of each shape take; plain ones take 700. */
export const SHAPE_US: Readonly<Record<ShapeName, number>> = {
  'no execution': 150,
  'two executions': 900,
  'several responses': 1100,
};

function step(model: string, queuedUs: number, execution: number): ShapedCall {
  return {
    model,
    parent: 0,
    queuedUs,
    execution: { number: execution, startedUs: queuedUs + 100, inferUs: 300, batch: 2 },
    endedUs: queuedUs + 400,
  };
}
