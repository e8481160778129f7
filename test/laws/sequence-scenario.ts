import fc from 'fast-check';
import { withSequenceFlags } from '../../src/scenario/check/sequences.js';
import type { SequenceBatching } from '../../src/scenario/model-config.js';
import type { Scenario, Sharing, Tenant } from '../../src/scenario/scenario.js';
import { arrivals, config, profile, scenario, server, tenant } from '../support/scenario.js';

const slots = {
  slots: fc.integer({ min: 1, max: 4 }),
  maxSequenceIdleUs: fc.constantFrom(2000, 20_000, 1e6),
  maxQueueDelayUs: fc.constantFrom(0, 0, 1500),
};

const anySequencing: fc.Arbitrary<SequenceBatching> = fc.oneof(
  fc.record({
    ...slots,
    kind: fc.constant('direct' as const),
    minSlotUtilization: fc.constantFrom(0, 0.5, 1),
  }),
  fc.record({
    ...slots,
    kind: fc.constant('oldest' as const),
    preferredBatchSizes: fc.constantFrom([], [2], [4]),
  }),
);

const sharings: readonly Sharing[] = [
  { mode: 'exclusive' },
  { mode: 'exclusive' },
  { mode: 'streams' },
  { mode: 'timeSlices', switchOverhead: 0.05, quantumUs: 700 },
];

const anyRequests = fc.array(fc.record({ gapUs: fc.nat(1500), id: fc.nat(7), isFirst: fc.boolean() }), {
  maxLength: 80,
});

/** One model with sequences, and perhaps one without on the same devices. */
export const anySequences = fc
  .record({
    sequences: anySequencing,
    instances: fc.integer({ min: 1, max: 3 }),
    sharing: fc.constantFrom(...sharings),
    hasNeighbour: fc.boolean(),
    requests: fc.array(anyRequests, { minLength: 1, maxLength: 2 }),
    responseUs: fc.constantFrom(0, 25),
    frontEndUs: fc.constantFrom(0, 60),
    delayUs: fc.constantFrom(0, 150),
    shapes: fc.constantFrom([0], [0, 1]),
  })
  .map(({ sequences, instances, sharing, hasNeighbour, requests, ...spec }): Scenario => {
    const measured = {
      spread: { law: 'gamma', cv: 0.2 },
      response: { fixedUs: 10, perRequestUs: spec.responseUs, perKilobyteUs: 0, releaseUs: 0 },
      frontEnd: { perRequestUs: spec.frontEndUs, perKilobyteUs: 0 },
    } as const;
    const models = [
      { config: { ...config('m', 4), sequences }, profile: profile('m', 1, 0.25, measured), instances },
      { config: config('n', 4, {}), profile: profile('n', 1, 0.25, measured) },
    ];
    const place = server('s', { models, sharing, wakeUs: 5, pickUpUs: 2 });
    const network = { ...place.network, requestDelayUs: spec.delayUs, responseDelayUs: spec.delayUs };
    const tenants = requests.map((rows, t): Tenant => {
      let atUs = t;
      const load = arrivals(
        rows.map(({ gapUs }) => (atUs += gapUs)),
        { sequenceId: Float64Array.from(rows, ({ id }) => id) },
      );
      if (load.mode !== 'open') throw new Error('arrivals are open');
      const trace = withSequenceFlags(load.trace);
      // Some say nothing of a beginning: they are refused.
      const sequenceFlags = trace.sequenceFlags!.map((flags, i) => (rows[i]!.isFirst ? flags : flags & ~1));
      const target = { server: 0, model: hasNeighbour ? t % 2 : 0 };
      const more = { targets: [target], shape: spec.shapes[t % spec.shapes.length]! };
      return tenant(`t${t}`, 'm', { mode: 'open', trace: { ...trace, sequenceFlags } }, more);
    });
    return scenario([{ ...place, network }], tenants, 0.1);
  });
