import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RandomStreams } from '../../src/base/random.js';
import type { Ensemble } from '../../src/scenario/composition.js';
import type { Scenario, Sharing } from '../../src/scenario/scenario.js';
import { ComponentSetup } from '../../src/simulator/component-run.js';
import { chainsOf } from '../../src/simulator/open-loop/chains.js';
import { runChains } from '../../src/simulator/open-loop/run-chains.js';
import { partition } from '../../src/simulator/partition.js';
import { simulate } from '../../src/simulator/simulate.js';
import { cases } from '../support/cases.js';
import { expectSameRuns } from '../support/same-runs.js';
import { arrivals, config, profile, scenario, server, tenant } from '../support/scenario.js';

/** An ensemble of models that follow one another, by their index on the server. */
function chain(models: readonly number[]): Ensemble {
  return {
    steps: models.map((model, i) => ({ model, needs: [i], gives: [i + 1] })),
    inputs: 1,
    tensors: models.length + 1,
    outputs: new Map([['OUT', models.length]]),
  };
}

const anyModel = fc.record({
  instances: fc.integer({ min: 1, max: 3 }),
  maxBatchSize: fc.constantFrom(0, 1, 4),
  batching: fc.constantFrom(undefined, {}, { maxQueueDelayUs: 3000 }, { preferredBatchSizes: [2] }),
  serviceMs: fc.constantFrom(0.3, 2),
  responseUs: fc.constantFrom(0, 25),
  pipelined: fc.constantFrom(false, false, true),
});

const sharings: readonly Sharing[] = [
  { mode: 'exclusive' },
  { mode: 'streams' },
  { mode: 'timeSlices', switchOverhead: 0.05, quantumUs: 700 },
];

/** Three models with a device each; ensembles of some of them, which clients ask beside the models themselves. */
const anyChains = fc
  .record({
    models: fc.array(anyModel, { minLength: 3, maxLength: 3 }),
    chains: fc.constantFrom<readonly (readonly number[])[]>(
      [[0, 1, 2]],
      [[0]],
      [[0, 1, 2], [2]],
      [
        [0, 1],
        [0, 2],
      ],
      [
        [0, 2],
        [1, 2],
      ],
      [[1, 0]],
    ),
    asksModel: fc.constantFrom(undefined, 0, 1, 2),
    gaps: fc.array(fc.array(fc.nat(3000), { maxLength: 60 }), { minLength: 3, maxLength: 3 }),
    sizes: fc.constantFrom([1], [1], [1, 2]),
    sharing: fc.constantFrom(...sharings),
    frontEndUs: fc.constantFrom(0, 60),
    delayUs: fc.constantFrom(0, 150),
  })
  .map((spec): Scenario => {
    const models = spec.models.map(({ instances, maxBatchSize, batching, serviceMs, ...more }, m) => ({
      config: config(`m${m}`, maxBatchSize, maxBatchSize === 0 ? undefined : batching),
      profile: profile(`m${m}`, serviceMs, serviceMs / 4, {
        spread: { law: 'gamma', cv: 0.2 },
        response: { fixedUs: 10, perRequestUs: more.responseUs, perKilobyteUs: 0, releaseUs: 0 },
        frontEnd: { perRequestUs: spec.frontEndUs, perKilobyteUs: 0 },
        interference: { self: 1.4, pairs: [] },
      }),
      instances,
      device: m,
      more: { pipelined: more.pipelined && spec.sharing.mode === 'exclusive' },
    }));
    const fronts = spec.chains.map((each, e) => ({
      config: config(`e${e}`, 4),
      profile: profile(`e${e}`, 0, 0),
      instances: 0,
      more: { ensemble: chain(each) },
    }));
    const place = server('s', {
      models: [...models, ...fronts],
      devices: 3,
      sharing: spec.sharing,
      wakeUs: 5,
      pickUpUs: 2,
    });
    const network = { ...place.network, requestDelayUs: spec.delayUs, responseDelayUs: spec.delayUs };
    const asked = [...fronts.keys()].map((e) => models.length + e);
    const tenants = [...asked, ...(spec.asksModel === undefined ? [] : [spec.asksModel])].map((model, t) => {
      let atUs = t;
      const load = arrivals(spec.gaps[t]!.map((gap) => (atUs += gap)));
      const batchSize = spec.sizes[t % spec.sizes.length]!;
      return tenant(`t${t}`, `asked${model}`, load, { targets: [{ server: 0, model }], batchSize });
    });
    return scenario([{ ...place, network }], tenants, 0.1);
  });

/** Whether all components with an ensemble were run stage by stage. */
function areStaged(of: Scenario): boolean {
  return partition(of).every((component) => {
    const setup = new ComponentSetup(of, component, new RandomStreams(of.seed));
    const chains = chainsOf(setup);
    const isPlain = setup.served.every(({ ensemble }) => ensemble === undefined);
    return isPlain || (chains !== undefined && runChains(setup, chains) !== undefined);
  });
}

describe('ensembles whose steps follow one another', () => {
  it('have the same requests, calls and executions stage by stage as in the event loop', () => {
    let staged = 0;
    const property = fc.property(anyChains, (of) => {
      if (areStaged(of)) staged++;
      expectSameRuns(simulate(of), simulate(of, { eventLoop: true }));
    });
    const numRuns = cases(200);
    fc.assert(property, { numRuns });
    expect(staged).toBeGreaterThan(numRuns / 2);
  });
});
