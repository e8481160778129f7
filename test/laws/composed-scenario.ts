import fc from 'fast-check';
import type { CallStep, Ensemble } from '../../src/scenario/composition.js';
import type { Scenario, ServedModel, Server } from '../../src/scenario/scenario.js';
import { config, profile } from '../support/scenario.js';
import { anyScenario, type Freedom } from './arbitrary-scenario.js';

/** Random scenarios in which tenants ask an ensemble, and a model that calls others, besides plain models. */
export function anyComposedScenario(freedom: Freedom = {}): fc.Arbitrary<Scenario> {
  return fc
    .record({
      plain: anyScenario({ ...freedom, host: freedom.host ?? true }),
      /** What each tenant asks: the ensemble, the caller, or what it did. */
      asks: fc.array(fc.constantFrom('ensemble', 'caller', 'plain'), { minLength: 4, maxLength: 4 }),
      shape: fc.constantFrom('chain', 'fork', 'nested'),
      stepUs: fc.constantFrom(0, 40),
      calls: fc.array(anyStep, { minLength: 1, maxLength: 4 }),
      release: fc.constantFrom('24.10', '25.06', '25.11', '26.04'),
      limit: fc.constantFrom(undefined, 1, 3),
      // Such executions overlap, too.
      overlapping: freedom.pipelined === false ? fc.constant(false) : fc.boolean(),
    })
    .map(({ plain, asks, ...composition }) => ({
      ...plain,
      servers: plain.servers.map((server) => composed(server, composition)),
      tenants: plain.tenants.map((tenant, t) => {
        const { models } = plain.servers[0]!;
        if (asks[t] === 'plain') return tenant;
        const model = models.length + (asks[t] === 'ensemble' ? 0 : 1);
        const targets = tenant.targets.map(({ server }) => ({ server, model }));
        return { ...tenant, model: asks[t]!, targets };
      }),
    }));
}

const anyCall = fc.record({
  model: fc.constant(0),
  per: fc.constantFrom('request' as const, 'batch' as const),
  probability: fc.constantFrom(1, 0.5),
  inferences: fc.constantFrom(1, 2),
});

const anyStep: fc.Arbitrary<CallStep> = fc.oneof(
  fc.record({ ownUs: fc.constantFrom(0, 300) }),
  fc.record({ calls: fc.array(anyCall, { minLength: 1, maxLength: 3 }), atOnce: fc.boolean() }),
);

interface Composition {
  readonly shape: string;
  readonly calls: readonly CallStep[];
  readonly stepUs: number;
  readonly release: string;
  /** Calls of a step that may be under way. */
  readonly limit: number | undefined;
  readonly overlapping: boolean;
}

function composed(
  server: Server,
  { shape, calls, stepUs, release, limit, overlapping }: Composition,
): Server {
  const { length } = server.models;
  const last = length - 1;
  const caller = length + 1;
  const step = (model: number, needs: number[], gives: number[]) => ({ model, needs, gives });
  const steps = {
    chain: [step(0, [0], [1]), step(last, [1], [2])],
    fork: [step(0, [0], [1]), step(last, [0], [2]), step(0, [1, 2], [3])],
    nested: [step(caller, [0], [1]), step(last, [1], [2])],
  }[shape]!;
  const ensemble: Ensemble = {
    steps,
    inputs: 1,
    tensors: 4,
    outputs: new Map([['OUT', steps.length]]),
    ...(limit !== undefined && release >= '25.11' && { maxInFlight: limit }),
  };
  const models: ServedModel[] = [
    { config: config('ensemble', 2), instances: [], ensemble },
    {
      config: config('caller', 2, {}),
      instances: [{ device: -1, profile: profile('caller', 0.3, 0.1) }],
      calls,
      overlapping,
    },
  ];
  return {
    ...server,
    options: { ...server.options, ensembleStepUs: stepUs, blsCallUs: stepUs, tritonVersion: release },
    models: [...server.models, ...models],
  };
}
