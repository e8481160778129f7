import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { LiveError, PreparedRequest } from '../../../src/live/inference-client.js';
import { LaneStreams } from '../../../src/live/load/lane-streams.js';
import type { LoadOptions } from '../../../src/live/load/load-options.js';
import { planTenants } from '../../../src/live/load/plan.js';
import { runLoad } from '../../../src/live/load/run-load.js';
import { planOfThread } from '../../../src/live/load/split-plan.js';
import { tritonRecipe } from '../../../src/live/triton/client-recipe.js';
import { connectTriton } from '../../../src/live/triton/connect.js';
import { Outcome } from '../../../src/trace/request-log.js';
import { type MemoryModel, startMemoryTriton } from '../../support/memory-triton.js';
import { arrivals } from '../../support/scenario.js';
import { fakeClient, loadOptions, loadTenant } from './fake-client.js';

const tidyUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of tidyUp.splice(0).reverse()) await step();
});

async function connected(model: MemoryModel, deadlineMs = 10_000) {
  const triton = await startMemoryTriton({ models: { m: model } });
  const client = connectTriton({ url: triton.url, deadlineMs });
  tidyUp.push(
    () => triton.stop(),
    () => client.close(),
  );
  const request = (batchSize: number): PreparedRequest =>
    client.prepare({
      model: 'm',
      batchSize,
      inputs: [{ name: 'INPUT0', dataType: 'FP32', shape: [batchSize, 4], data: new Uint8Array(16) }],
    });
  return { triton, client, request };
}

/** Three instances of which each takes 30 ms for a request of one inference, 300 ms for one of ten. */
const MODEL: MemoryModel = { instances: 3, serviceMs: (batchSize) => 30 * batchSize };

describe('requests that share a stream of a live server', () => {
  it('are answered in their order, in one call', async () => {
    const { triton, client, request } = await connected(MODEL);
    const stream = client.openStream();
    const order: number[] = [];
    await Promise.all(
      [10, 1, 2].map(
        (batchSize) =>
          new Promise<void>((resolve, reject) =>
            stream.send(request(batchSize), (error) => {
              order.push(batchSize);
              if (error === undefined) resolve();
              else reject(error);
            }),
          ),
      ),
    );
    expect(order).toEqual([10, 1, 2]);
    expect(triton.calls.filter(({ method }) => method === 'ModelStreamInfer')).toHaveLength(1);
    expect(triton.requests).toHaveLength(3);
    stream.close();
  });

  it('hear each of its own error, and the stream goes on', async () => {
    const { client, request } = await connected({ ...MODEL, instances: 1, maxQueueSize: 1 });
    const stream = client.openStream();
    const send = () =>
      new Promise<LiveError | undefined>((resolve) => stream.send(request(1), (error) => resolve(error)));
    const errors = await Promise.all([send(), send(), send(), send()]);
    expect(errors.map((error) => error?.kind)).toEqual([undefined, undefined, 'queueFull', 'queueFull']);
    expect(await send()).toBeUndefined();
    stream.close();
  });

  it('give up at their deadline one by one, and those behind them keep their answers', async () => {
    const { client, request } = await connected({ ...MODEL, instances: 1 }, 400);
    const stream = client.openStream();
    const send = (batchSize: number) =>
      new Promise<LiveError | undefined>((resolve) => stream.send(request(batchSize), resolve));
    const late = send(20);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const next = send(1);
    expect((await late)?.kind).toBe('deadline');
    expect(await next).toBeUndefined();
    stream.close();
  });

  it('fail together when the server goes, and their callers hear so once', async () => {
    const { triton, client, request } = await connected(MODEL);
    const stream = client.openStream();
    const ends: (LiveError | undefined)[] = [];
    const all = new Promise<void>((resolve) => {
      for (let i = 0; i < 3; i++)
        stream.send(request(10), (error) => {
          if (ends.push(error) === 3) resolve();
        });
    });
    while (triton.requests.length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
    await triton.stop();
    await all;
    expect(ends.map((error) => error?.kind)).toEqual(['lost', 'lost', 'lost']);
    client.close();
    const after = await new Promise<LiveError | undefined>((resolve) => stream.send(request(1), resolve));
    expect(after?.kind).toBe('lost');
  });
});

describe('a load whose requests share streams', () => {
  it.each([1, 2])('sends them over as many calls as it says, from %d threads', async (threads) => {
    const { triton, client } = await connected({ instances: 4, serviceMs: (batchSize) => batchSize });
    const load = arrivals(
      Array.from({ length: 40 }, (_, i) => i * 2000),
      { batchSize: Uint16Array.from({ length: 40 }, (_, i) => 1 + (i % 5)) },
    );
    const options: LoadOptions = {
      ...loadOptions(client, [loadTenant('a', load, { sharedStreams: 3 })]),
      servers: [{ name: 's', client, connect: tritonRecipe({ url: triton.url }) }],
      request: ({ model }, batchSize) => ({
        model,
        batchSize,
        inputs: [{ name: 'INPUT0', dataType: 'FP32', shape: [batchSize, 4], data: new Uint8Array(16) }],
      }),
      pacer: 'sleep',
      durationUs: 5e6,
      threads,
    };
    const { log, endReason, errors } = await runLoad(options);
    expect({ endReason, errors }).toEqual({ endReason: 'exhausted', errors: [] });
    expect(Array.from(log.outcome)).toEqual(Array(40).fill(Outcome.completed));
    expect(triton.calls.filter(({ method }) => method === 'ModelStreamInfer')).toHaveLength(3);
    // Those of one stream: every third.
    for (let i = 3; i < 40; i++) expect(log.endedUs[i]!).toBeGreaterThanOrEqual(log.endedUs[i - 3]!);
  });

  it('stays with one of several threads', () => {
    const rows = arrivals([0, 1000, 2000, 3000]);
    const tenants = [loadTenant('a', rows, { sharedStreams: 2 }), loadTenant('b', rows)];
    const plans = planTenants(
      loadOptions(
        fakeClient(() => undefined),
        tenants,
      ),
    );
    const rowsOf = (thread: number) =>
      planOfThread(plans, thread, 2).map(({ load }) => (load.mode === 'trace' ? load.arrivalUs.length : 0));
    expect([rowsOf(0), rowsOf(1)]).toEqual([
      [4, 2],
      [0, 2],
    ]);
  });

  it('spreads them as the simulator does: those of a sequence over one stream, all others in turn', () => {
    const opened: string[][] = [];
    const client = fakeClient(() => undefined, {
      openStream: () => {
        const sent: string[] = [];
        opened.push(sent);
        return { send: ({ model }) => void sent.push(model), close: () => undefined };
      },
    });
    const streams = new LaneStreams(2);
    const named = (model: string): PreparedRequest => ({ model, batchSize: 1, bytes: new Uint8Array() });
    for (const [model, sequence] of [
      ['a', 0],
      ['b', 0],
      ['c', 3],
      ['d', 0],
      ['e', 3],
    ] as const)
      streams.send(client, named(model), sequence, () => undefined);
    expect(opened).toEqual([
      ['a', 'd'],
      ['b', 'c', 'e'],
    ]);
  });

  it('opens at most so many streams to each server, whatever its sequences are', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.array(fc.nat(20)), (count, sequences) => {
        let opened = 0;
        let closed = 0;
        const client = fakeClient(() => undefined, {
          openStream: () => {
            opened++;
            return { send: () => undefined, close: () => void closed++ };
          },
        });
        const streams = new LaneStreams(count);
        for (const sequence of sequences)
          streams.send(
            client,
            { model: 'm', batchSize: 1, bytes: new Uint8Array() },
            sequence,
            () => undefined,
          );
        streams.close();
        expect(opened).toBeLessThanOrEqual(count);
        expect(closed).toBe(opened);
      }),
    );
  });
});
