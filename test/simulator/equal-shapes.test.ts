import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { TensorConfig } from '../../src/scenario/model-config.js';
import { simulate } from '../../src/simulator/simulate.js';
import { cases } from '../support/cases.js';
import { arrivals, config, profile, scenario, server, tenant } from '../support/scenario.js';

const plainInput = fc.record({
  name: fc.constant('x'),
  dataType: fc.constant('TYPE_FP32'),
  dims: fc.array(fc.constantFrom(-1, 1, 3), { minLength: 1, maxLength: 3 }),
  allowRaggedBatch: fc.boolean(),
  optional: fc.boolean(),
});

const anyInput: fc.Arbitrary<TensorConfig> = fc
  .tuple(plainInput, fc.boolean())
  .map(([input, isShapeTensor]) => ({ ...input, ...(isShapeTensor && { isShapeTensor }) }));

/** Executed batches of two requests of different shape that wait for the queue delay together. */
function batches(inputs: readonly TensorConfig[], eventLoop: boolean): number[] {
  const served = { ...config('m', 4, { maxQueueDelayUs: 5000 }), inputs };
  const host = server('s', { models: [{ config: served, profile: profile('m', 1, 0) }] });
  const tenants = [0, 1].map((shape) => tenant(`shape ${shape}`, 'm', arrivals([1000 * shape]), { shape }));
  const { log } = simulate(scenario([host], tenants, 1), { eventLoop });
  return Array.from(log.calls.executedBatch);
}

it('requests of different shape share a batch unless an input may be left out, is a shape tensor or, of variable size, is not ragged', () => {
  const law = fc.property(fc.array(anyInput, { maxLength: 3 }), fc.boolean(), (inputs, eventLoop) => {
    const isSplit = inputs.some(
      ({ optional, isShapeTensor, allowRaggedBatch, dims }) =>
        optional || isShapeTensor || (dims.includes(-1) && !allowRaggedBatch),
    );
    expect(batches(inputs, eventLoop)).toEqual(isSplit ? [1, 1] : [2, 2]);
  });
  fc.assert(law, { numRuns: cases(200) });
});
