import { plainPoint, plainProfile } from '../support/made-scenario.js';
import { SERVING } from './servers.js';

/** A server of composed models, of which every figure is known. */
export interface ComposedServer {
  readonly name: string;
  readonly shows: string;
  /** The model that clients ask for, and how many requests a second. */
  readonly asked: string;
  readonly ratePerS: number;
  /** As a scenario writes them. */
  readonly triton: { readonly ensembleStepUs?: number; readonly cache?: CacheFigures };
  readonly models: readonly { readonly name: string; readonly config: object }[];
}

export interface CacheFigures {
  readonly sizeMb: number;
  readonly lookUpUs: number;
  readonly hashPerKilobyteUs?: number;
}

const BYTES_PER_VALUE = 4;
/** Of a request to a cached model. */
export const CACHED_BYTES = 600_000;

/** Executions of the models that call no others. */
const SERVICE_MS: Readonly<Record<string, number>> = { plain: 3, late: 2, busy: 14 };

const TENSOR = { data_type: 'TYPE_FP32', dims: [1] };
const TENSORS = { input: [{ name: 'IN', ...TENSOR }], output: [{ name: 'OUT', ...TENSOR }] };
const DECOUPLED = { model_transaction_policy: { decoupled: true } };

function model(name: string, more: object = {}, config: object = {}) {
  const instances = { backend: 'python', instance_group: [{ kind: 'KIND_CPU', count: 1 }] };
  const isDecoupled = 'responses' in more;
  return {
    name,
    config: { name, ...TENSORS, ...instances, ...(isDecoupled && DECOUPLED), ...config },
    ...more,
  };
}

/** One of two steps, of which one gives several responses. */
function chain(first: string, last: string) {
  const step = (model_name: string, from: string, to: string) => ({
    ...{ model_name, model_version: -1, input_map: { IN: from }, output_map: { OUT: to } },
  });
  const steps = [step(first, 'IN', 'between'), step(last, 'between', 'OUT')];
  const config = { platform: 'ensemble', ...TENSORS, ...DECOUPLED, ensemble_scheduling: { step: steps } };
  return { name: 'chain', config: { name: 'chain', ...config } };
}

const LATE = model('late', { responses: { mean: 5, law: 'constant', firstMs: 8, gapMs: 4 } });
/** Responses that `execute` sends: the last one when it returns. */
const SENT = { responses: { mean: 4, law: 'constant', firstMs: -9, gapMs: 3 } };

export const COMPOSED_SERVERS: readonly ComposedServer[] = [
  {
    ...{ name: 'streaming-step', shows: 'an ensemble whose first step gives five responses' },
    ...{ asked: 'chain', ratePerS: 20, triton: { ensembleStepUs: 150 } },
    models: [LATE, model('plain'), chain('late', 'plain')],
  },
  {
    ...{ name: 'streaming-last-step', shows: 'an ensemble whose last step gives five responses' },
    ...{ asked: 'chain', ratePerS: 40, triton: { ensembleStepUs: 150 } },
    models: [LATE, model('plain'), chain('plain', 'late')],
  },
  {
    name: 'streaming-busy-step',
    shows: 'an ensemble whose first step sends responses while it executes',
    ...{ asked: 'chain', ratePerS: 20, triton: { ensembleStepUs: 150 } },
    models: [model('busy', SENT), model('plain'), chain('busy', 'plain')],
  },
  {
    ...{ name: 'calls-a-stream', shows: 'a model that waits for all responses of another' },
    ...{ asked: 'asker', ratePerS: 15, triton: {} },
    models: [LATE, model('asker', { calls: [{ ownMs: 1.5 }, { call: 'late' }] })],
  },
  {
    name: 'calls-and-streams',
    shows: 'a model that calls another, then sends responses while it executes',
    ...{ asked: 'writer', ratePerS: 25, triton: {} },
    models: [
      model('plain'),
      model('writer', { ...SENT, calls: [{ ownMs: 2 }, { call: 'plain' }, { ownMs: 9 }] }),
    ],
  },
  {
    name: 'cached',
    shows: 'a model whose requests of 600 kB are looked up in the response cache',
    ...{ asked: 'plain', ratePerS: 150 },
    triton: { cache: { sizeMb: 64, lookUpUs: 180, hashPerKilobyteUs: 1.45 } },
    models: [model('plain', {}, { response_cache: { enable: true } })],
  },
];

export function profilesOf({ models, triton }: ComposedServer) {
  const requestBytes = triton.cache === undefined ? BYTES_PER_VALUE : CACHED_BYTES;
  const payload = { requestBytes, responseBytes: BYTES_PER_VALUE };
  return models.flatMap(({ name }) => {
    const serviceMs = SERVICE_MS[name];
    if (serviceMs === undefined) return [];
    const service = [plainPoint(1, serviceMs, { executions: 1 })];
    return plainProfile(name, 'CPU', { service, payload, serving: SERVING });
  });
}

/** The server as a scenario has it. */
export function specOf({ name, triton, models }: ComposedServer) {
  return { name, durationS: 1, servers: [{ name: 'triton', triton, models }] };
}
