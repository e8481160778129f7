import { expect, it } from 'vitest';
import { heldNs, rebuildExecutions } from '../../../src/calibrate/traffic/executions.js';
import type { TritonTraceRequest } from '../../../src/trace/import/triton-trace.js';

/** A traced request with its times in nanoseconds. */
function request(
  model: string,
  ns: Readonly<Record<string, number>>,
  more: Partial<TritonTraceRequest> = {},
): TritonTraceRequest {
  const of = { version: 1, parentId: undefined };
  return { id: 0, model, ...of, ...more, ns: new Map(Object.entries(ns)) };
}
/** Times of an execution from then on: 10 for the input, 100 for the inference, 5 for the output. */
const executed = (startNs: number) => ({
  COMPUTE_START: startNs,
  COMPUTE_INPUT_END: startNs + 10,
  COMPUTE_OUTPUT_START: startNs + 110,
  COMPUTE_END: startNs + 115,
});
const at = (startNs: number) => ({
  startNs,
  inputEndNs: startNs + 10,
  outputStartNs: startNs + 110,
  endNs: startNs + 115,
});

it('requests of one model and version with the same times ran in one execution, released with the last of them', () => {
  const { models, withoutExecution } = rebuildExecutions([
    request('b', { ...executed(500), REQUEST_END: 700 }),
    request('a', { ...executed(900), REQUEST_END: 1100 }),
    request('b', { ...executed(500), REQUEST_END: 660 }),
    request('b', { ...executed(500), REQUEST_END: 690 }, { version: 2 }),
    request('b', executed(100)),
    request('b', { ...executed(100), REQUEST_END: 300 }),
  ]);
  expect(withoutExecution).toBe(0);
  expect(models.map(({ model }) => model)).toEqual(['a', 'b']);
  expect(models[1]!.executions).toEqual([
    { model: 'b', requests: 2, ...at(100), releasedNs: Number.NaN },
    { model: 'b', requests: 2, ...at(500), releasedNs: 700 },
    { model: 'b', requests: 1, ...at(500), releasedNs: 690 },
  ]);
  expect(models[1]!.executions.map(heldNs)).toEqual([
    { fromNs: 100, toNs: 215 },
    { fromNs: 500, toNs: 700 },
    { fromNs: 500, toNs: 690 },
  ]);
});

it('requests whose times are not those of an execution are counted, not taken', () => {
  const { COMPUTE_END: _, ...cut } = executed(0);
  const { models, withoutExecution } = rebuildExecutions([
    request('failed', cut),
    request('cached', { REQUEST_START: 0, REQUEST_END: 5 }),
    request('mixed up', { ...executed(0), COMPUTE_OUTPUT_START: 5 }),
    request('at once', { COMPUTE_START: 7, COMPUTE_INPUT_END: 7, COMPUTE_OUTPUT_START: 7, COMPUTE_END: 7 }),
  ]);
  expect(models.map(({ model }) => model)).toEqual(['at once']);
  expect(withoutExecution).toBe(3);
});

it('the front end takes from the end of reading, told by HTTP or gRPC, to the queue, and the queue to the execution', () => {
  const { models } = rebuildExecutions([
    request('m', { ...executed(9000), HTTP_RECV_END: 1000, REQUEST_START: 2500, QUEUE_START: 3000 }),
    request('m', { ...executed(9000), GRPC_WAITREAD_END: 2000, REQUEST_START: 2500, QUEUE_START: 3000 }),
    request('m', { ...executed(9000), REQUEST_START: 2500, QUEUE_START: 3000 }),
    request('m', { ...executed(9000), QUEUE_START: 4000 }),
    // Stamps of two clocks: neither time can be.
    request('m', { ...executed(9000), REQUEST_START: 9600, QUEUE_START: 9500 }),
    request('m', executed(9000)),
  ]);
  expect(models[0]!.frontEndUs).toEqual([2, 1, 0.5]);
  expect(models[0]!.waits).toEqual([3000, 3000, 3000, 4000].map((fromNs) => ({ fromNs, toNs: 9000 })));
});
