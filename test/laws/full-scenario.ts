import fc from 'fast-check';
import { RandomStreams } from '../../src/base/random.js';
import { asSequences } from '../../src/scenario/check/sequences.js';
import type { Ensemble } from '../../src/scenario/composition.js';
import type { SequenceBatching } from '../../src/scenario/model-config.js';
import type {
  IterationLaw,
  Load,
  ResponseLaw,
  Scenario,
  ServedModel,
  Server,
  Tenant,
} from '../../src/scenario/scenario.js';
import type { Engine } from '../../src/scenario/served-model.js';
import type { Trace } from '../../src/trace/trace.js';
import { arrivals, config, profile, tenant } from '../support/scenario.js';
import type { Freedom } from './arbitrary-scenario.js';
import { anyComposedScenario } from './composed-scenario.js';
import { anyLimitedScenario } from './limited-scenario.js';

/** Bytes of the cache of each server: three or four answers. */
export const CACHE_BYTES = 1000;

const idle = { maxSequenceIdleUs: fc.constantFrom(20_000, 1e6), slots: fc.constantFrom(1, 3) };
const delay = { maxQueueDelayUs: fc.constantFrom(0, 4000) };

const anySequences: fc.Arbitrary<SequenceBatching> = fc.oneof(
  fc.record({
    ...idle,
    ...delay,
    kind: fc.constant('direct' as const),
    minSlotUtilization: fc.constantFrom(0, 0.5, 1),
  }),
  fc.record({
    ...idle,
    ...delay,
    kind: fc.constant('oldest' as const),
    preferredBatchSizes: fc.constantFrom([3], [1, 2]),
  }),
);

const anyResponses: fc.Arbitrary<ResponseLaw> = fc
  .record({
    mean: fc.constantFrom(0, 1, 2, 4),
    law: fc.constantFrom('constant' as const, 'geometric' as const),
    firstUs: fc.constantFrom(-1500, 0, 1500),
    gapUs: fc.constantFrom(0, 2000),
    endUs: fc.constantFrom(undefined, undefined, 0, 3000),
  })
  .map(({ endUs, ...law }) => ({ ...law, ...(endUs !== undefined && { endUs }) }));

const anyIterations: fc.Arbitrary<IterationLaw> = fc.record({
  mean: fc.constantFrom(1, 3),
  law: fc.constantFrom('constant', 'geometric'),
  streams: fc.boolean(),
});

/** When each sequence, stream or text begins, milliseconds. */
const anyStarts = fc.array(fc.integer({ min: 0, max: 150 }), { minLength: 1, maxLength: 12 });

const anyAddition = fc.record({
  sequences: anySequences,
  spec: fc.record({
    requests: fc.constantFrom(1, 3, 6),
    law: fc.constantFrom('constant' as const, 'geometric' as const),
    gapMs: fc.constantFrom(0, 5, 30),
  }),
  responses: anyResponses,
  iterations: anyIterations,
  streams: fc.boolean(),
  kvTokens: fc.constantFrom(60, 400),
  lookUpUs: fc.constantFrom(0, 20),
  objects: fc.constantFrom(2, 9),
  sequenceStarts: anyStarts,
  streamStarts: anyStarts,
  textStarts: anyStarts,
});

type Addition = typeof anyAddition extends fc.Arbitrary<infer T> ? T : never;

/**
 * Random scenarios with everything at once: ensembles, models that call others, limits of steps, a rate limiter, a response cache,
 * sequences, decoupled models and an engine, alone and as steps, beside plain models.
 */
export function anyFullScenario(freedom: Freedom = {}): fc.Arbitrary<Scenario> {
  const base = fc.record({ composed: anyComposedScenario(freedom), addition: anyAddition });
  const whole = base.map(({ composed, addition }): Scenario => {
    const { objects } = addition;
    return {
      ...composed,
      servers: composed.servers.map((server) => extended(server, addition)),
      tenants: [
        ...composed.tenants.map((each) => ({ ...each, contents: { objects, exponent: 1 } })),
        ...tenantsOf(composed.servers[0]!, addition),
      ],
    };
  });
  return anyLimitedScenario(freedom, whole);
}

/** The tenant whose requests are sequences. */
export const SEQUENCES = 'sequences';
/** The one whose requests are sequences of a model that streams, in an ensemble. */
export const HEARD = 'heard';
const ENGINE = 'llm';
const ITERATIVE = 'loop';

function extended(server: Server, addition: Addition): Server {
  const { sequences, responses, iterations, streams, kvTokens, lookUpUs } = addition;
  const first = server.models.length;
  const [model, llm] = [
    profile('talker', 2, 0.5),
    profile(ENGINE, 1, 0.1, { engine: { prefillMsPerToken: 0.02, kvTokens: 1000 } }),
  ];
  const engine: Engine = { maxSequences: 4, tokenBudget: 64, kvTokens, streams };
  // Each of the two alone, and in front of the first plain model.
  const then = (step: number): Ensemble => ({
    steps: [
      { model: step, needs: [0], gives: [1] },
      { model: 0, needs: [1], gives: [2] },
    ],
    inputs: 1,
    tensors: 3,
    outputs: new Map([['OUT', 2]]),
  });
  const on = (device: number, of: typeof model, count: number) =>
    Array.from({ length: count }, () => ({ device, profile: of }));
  const added: ServedModel[] = [
    { config: { ...config('talker', 3), sequences }, instances: on(0, model, 2) },
    { config: config('stream', 2, {}), instances: on(1, { ...model, model: 'stream' }, 1), responses },
    { config: config('streamed', 1), instances: [], ensemble: then(first + 1) },
    { config: config(ENGINE, 0), instances: on(0, llm, 1), engine },
    { config: config('texts', 1), instances: [], ensemble: then(first + 3) },
    {
      config: { ...config(ITERATIVE, 3), sequences: { ...sequences, isIterative: true } },
      instances: on(0, { ...model, model: ITERATIVE }, 1),
      iterations,
    },
    { config: config('looped', 1), instances: [], ensemble: then(first + 5) },
    {
      config: { ...config('listener', 3), sequences },
      instances: on(1, { ...model, model: 'listener' }, 1),
      responses,
    },
    { config: config(HEARD, 1), instances: [], ensemble: then(first + 7) },
  ];
  const cached = server.models.map((each) =>
    each.calls === undefined ? { ...each, config: { ...each.config, responseCache: true } } : each,
  );
  const cache = { bytes: CACHE_BYTES, lookUpUs, copyPerKilobyteUs: 1, hashPerKilobyteUs: 2 };
  return { ...server, models: [...cached, ...added], options: { ...server.options, cache } };
}

function tenantsOf({ models: { length } }: Server, addition: Addition): Tenant[] {
  const { spec, sequenceStarts, streamStarts, textStarts } = addition;
  const random = new RandomStreams('sequences').get('law');
  const sequences = asSequences(traceOf(sequenceStarts), spec, random, 3e5);
  const to = (model: number) => ({ targets: [{ server: 0, model: length + model }] });
  const tokens = { prompt: { mean: 30, cv: 0.5 }, output: { mean: 5, cv: 0.5 } };
  return [
    tenant(SEQUENCES, 'talker', { mode: 'open', trace: sequences }, to(0)),
    tenant(HEARD, HEARD, { mode: 'open', trace: sequences }, to(8)),
    tenant('streams', 'stream', openLoad(streamStarts), to(1)),
    tenant('streamed', 'streamed', openLoad(streamStarts), to(2)),
    tenant('texts', 'texts', openLoad(textStarts), { ...to(4), tokens }),
    tenant('loops', ITERATIVE, openLoad(textStarts), to(5)),
    tenant('looped', 'looped', openLoad(textStarts), to(6)),
    tenant('chats', ENGINE, openLoad(textStarts), { ...to(3), tokens }),
  ];
}

function openLoad(startsMs: readonly number[]): Load {
  return { mode: 'open', trace: traceOf(startsMs) };
}

function traceOf(startsMs: readonly number[]): Trace {
  const load = arrivals([...startsMs].sort((a, b) => a - b).map((ms) => ms * 1000));
  if (load.mode !== 'open') throw new Error('arrivals are open loop');
  return load.trace;
}
