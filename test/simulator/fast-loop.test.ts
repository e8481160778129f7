import fc from 'fast-check';
import { expect, it } from 'vitest';
import { runLoneServer } from '../../src/simulator/server/lone-server.js';
import { ModelQueue } from '../../src/simulator/server/model-queue.js';
import { type Executor, ModelServer } from '../../src/simulator/server/model-server.js';
import type { ModelServerOptions } from '../../src/simulator/server/server-parts.js';
import { cases } from '../support/cases.js';

interface Case {
  readonly options: ModelServerOptions;
  readonly queuedNs: Float64Array;
  /** How long an execution takes, and each request in it. */
  readonly fixedNs: number;
  readonly itemNs: number;
  readonly endNs: number;
}

type Execution = readonly [instance: number, from: number, to: number, batch: number, startNs: number];

/** Gives what a server executes that `run` runs to the end. */
function executionsOf(
  { options, queuedNs, fixedNs, itemNs }: Case,
  run: (server: ModelServer, executor: Executor) => void,
): Execution[] {
  const executions: Execution[] = [];
  const executor: Executor = {
    start(instance, from, to, batch, nowNs) {
      executions.push([instance, from, to, batch, nowNs]);
      return nowNs + fixedNs + itemNs * batch;
    },
  };
  run(new ModelServer(new ModelQueue({ queuedNs }), executor, options), executor);
  return executions;
}

interface Times {
  readonly gapsNs: readonly number[];
  readonly delaysNs: readonly number[];
  readonly fixedNs: readonly number[];
}

/** Few different times, so that many events fall on one instant. */
const SHORT: Times = {
  gapsNs: [0, 0, 1, 1, 2, 3, 9, 30],
  delaysNs: [0, 0, 1, 2, 4, 20],
  fixedNs: [0, 1, 3, 10, 40],
};
/** Executions that outlast the half second after which a sleeping batcher looks around. */
const LONG: Times = {
  gapsNs: [0, 1, 1e8, 2e8, 3e8],
  delaysNs: [0, 1e7, 1.5e8, 1e9],
  fixedNs: [3e8, 9e8, 1.6e9],
};

const arbitraryCase = fc
  .constantFrom(SHORT, LONG)
  .chain(({ gapsNs, delaysNs, fixedNs }) =>
    fc.record({
      maxBatchSize: fc.integer({ min: 1, max: 6 }),
      delayNs: fc.constantFrom(...delaysNs),
      instances: fc.integer({ min: 1, max: 3 }),
      batcherWakeNs: fc.constantFrom(0, 1, 2, 7),
      batcherAwakeNs: fc.constantFrom(0, 1, 2, 7),
      instancePickUpNs: fc.constantFrom(0, 1, 2, 7),
      instanceWakeNs: fc.constantFrom(0, 1, 3, 9),
      timerSlackNs: fc.constantFrom(0, 0, 3),
      gapsNs: fc.array(fc.constantFrom(...gapsNs), { minLength: 1, maxLength: 60, size: 'max' }),
      fixedNs: fc.constantFrom(...fixedNs),
      itemNs: fc.constantFrom(0, 1, 6),
      endNs: fc.constantFrom(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 60, 1e9),
    }),
  )
  .map(({ maxBatchSize, delayNs, gapsNs, fixedNs, itemNs, endNs, ...threads }): Case => {
    let atNs = 0;
    const rules = {
      maxBatchSize,
      preferred: [maxBatchSize],
      maxPreferred: maxBatchSize,
      delayNs,
      enforceEqualShape: false,
      wokenByAll: false,
      prefetch: true,
    };
    return {
      options: { rules, pushed: false, ...threads },
      queuedNs: Float64Array.from(gapsNs, (gapNs) => (atNs += gapNs)),
      fixedNs,
      itemNs,
      endNs,
    };
  });

it('the loop for a lone model, with a queue delay or without, starts the same executions at the same nanosecond as the server does step by step', () => {
  fc.assert(
    fc.property(arbitraryCase, (spec) => {
      const { options, endNs } = spec;
      const stepped = executionsOf(spec, (server) => {
        server.limitNs = endNs;
        while (server.nextNs < endNs) server.step();
      });
      const inOneLoop = executionsOf(spec, (server, executor) => {
        runLoneServer(server, executor, options, endNs);
        // Were it stepped, that would prove nothing.
        expect(server.queue.head).toBe(0);
      });
      expect(inOneLoop).toEqual(stepped);
    }),
    { numRuns: cases(3000) },
  );
});
