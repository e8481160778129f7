import { plainPoint, plainProfile } from '../support/made-scenario.js';
import { SERVING } from './servers.js';

/** What a model that others work for costs, as a scenario writes it. */
export interface ComposedFigures {
  readonly ensembleStepUs: number;
  /** By model its own time. */
  readonly ownMs: Readonly<Record<string, number>>;
  /** By model what its requests are answered with. */
  readonly responses: Readonly<Record<string, StreamFigures>>;
  /** Of a server whose asked model uses the response cache. */
  readonly cache?: CacheFigures;
}

export interface CacheFigures {
  readonly lookUpUs: number;
  readonly hashPerKilobyteUs?: number;
}

export interface StreamFigures {
  readonly mean: number;
  readonly law: 'constant' | 'geometric';
  readonly firstMs: number;
  readonly gapMs: number;
}

/** A server of composed models, of which every figure is known. */
export interface ComposedServer {
  readonly name: string;
  readonly shows: string;
  /** The model that clients ask for, and how many requests a second. */
  readonly asked: string;
  readonly ratePerS: number;
  /** By name, ensembles with their steps, others with what they call. */
  readonly models: Readonly<Record<string, { readonly steps?: readonly string[]; readonly calls?: string }>>;
  readonly truth: ComposedFigures;
}

const LATE = { mean: 5, law: 'constant', firstMs: 8, gapMs: 4 } as const;
/** `execute` sends the responses: the last one when it returns. */
const BUSY = { mean: 4, law: 'constant', firstMs: -9, gapMs: 3 } as const;

export const COMPOSED_SERVERS: readonly ComposedServer[] = [
  {
    name: 'streaming-step',
    shows: 'an ensemble whose first step gives five responses',
    asked: 'chain',
    ratePerS: 20,
    models: { late: {}, plain: {}, chain: { steps: ['late', 'plain'] } },
    truth: { ensembleStepUs: 150, ownMs: {}, responses: { late: LATE } },
  },
  {
    name: 'streaming-last-step',
    shows: 'an ensemble whose last step gives five responses',
    asked: 'chain',
    ratePerS: 40,
    models: { late: {}, plain: {}, chain: { steps: ['plain', 'late'] } },
    truth: { ensembleStepUs: 150, ownMs: {}, responses: { late: LATE } },
  },
  {
    name: 'streaming-busy-step',
    shows: 'an ensemble whose first step sends responses while it executes',
    asked: 'chain',
    ratePerS: 20,
    models: { busy: {}, plain: {}, chain: { steps: ['busy', 'plain'] } },
    truth: { ensembleStepUs: 150, ownMs: {}, responses: { busy: BUSY } },
  },
  {
    name: 'calls-a-stream',
    shows: 'a model that waits for all responses of another',
    asked: 'asker',
    ratePerS: 15,
    models: { late: {}, asker: { calls: 'late' } },
    truth: { ensembleStepUs: 0, ownMs: { asker: 1.5 }, responses: { late: LATE } },
  },
  {
    name: 'calls-and-streams',
    shows: 'a model that calls another, then sends responses while it executes',
    asked: 'writer',
    ratePerS: 25,
    models: { plain: {}, writer: { calls: 'plain' } },
    truth: { ensembleStepUs: 0, ownMs: { writer: 11 }, responses: { writer: BUSY } },
  },
  {
    name: 'cached',
    shows: 'a model whose requests of 600 kB are looked up in the response cache',
    asked: 'plain',
    ratePerS: 150,
    models: { plain: {} },
    truth: { ensembleStepUs: 0, ownMs: {}, responses: {}, cache: { lookUpUs: 180, hashPerKilobyteUs: 1.45 } },
  },
];

/** Of a request to a cached model. */
export const CACHED_BYTES = 600_000;

/** Executions of the models that call no others. */
const SERVICE_MS: Readonly<Record<string, number>> = { plain: 3, late: 2, busy: 14 };

export function profilesOf({ models, truth }: ComposedServer) {
  const requestBytes = truth.cache === undefined ? BYTES_PER_VALUE : CACHED_BYTES;
  return Object.keys(models).flatMap((model) => {
    const serviceMs = SERVICE_MS[model];
    if (serviceMs === undefined) return [];
    const service = [plainPoint(1, serviceMs, { executions: 1 })];
    const payload = { requestBytes, responseBytes: BYTES_PER_VALUE };
    return plainProfile(model, 'CPU', { service, payload, serving: SERVING });
  });
}

const BYTES_PER_VALUE = 4;
const TENSOR = { data_type: 'TYPE_FP32', dims: [1] };

/** The server as a scenario has it, with these figures. */
export function specOf({ name, models }: ComposedServer, figures: ComposedFigures) {
  const { ensembleStepUs, ownMs, responses, cache } = figures;
  return {
    ...{ perseus: 1, name, durationS: 1, profiles: ['.'] },
    servers: [
      {
        name: 'triton',
        triton: { ensembleStepUs, ...(cache && { cache: { sizeMb: 64, ...cache } }) },
        models: Object.entries(models).map(([model, { steps, calls }]) => ({
          name: model,
          config: {
            name: model,
            input: [{ name: 'IN', ...TENSOR }],
            output: [{ name: 'OUT', ...TENSOR }],
            ...(cache && { response_cache: { enable: true } }),
            ...(isStreaming(models, model, responses) && { model_transaction_policy: { decoupled: true } }),
            ...(steps === undefined
              ? { backend: 'python', instance_group: [{ kind: 'KIND_CPU', count: 1 }] }
              : { platform: 'ensemble', ensemble_scheduling: { step: wired(steps) } }),
          },
          ...(model in responses && { responses: responses[model] }),
          ...(calls !== undefined && { calls: callsOf(calls, ownMs[model]!, responses[model]) }),
        })),
      },
    ],
  };
}

function isStreaming(
  models: ComposedServer['models'],
  model: string,
  responses: ComposedFigures['responses'],
): boolean {
  return model in responses || (models[model]!.steps ?? []).some((step) => step in responses);
}

/** Responses that it sends while it executes leave in its last own time. */
function callsOf(call: string, ownMs: number, stream: StreamFigures | undefined) {
  const sendingMs = Math.max(0, -(stream?.firstMs ?? 0));
  return [{ ownMs: ownMs - sendingMs }, { call }, { ownMs: sendingMs }];
}

/** Each step takes what the one before has given. */
function wired(steps: readonly string[]) {
  const tensor = (i: number) => (i === 0 ? 'IN' : i === steps.length ? 'OUT' : `between${i}`);
  return steps.map((model_name, i) => ({
    ...{ model_name, model_version: -1 },
    input_map: { IN: tensor(i) },
    output_map: { OUT: tensor(i + 1) },
  }));
}
