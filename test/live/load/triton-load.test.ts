import { afterEach, describe, expect, it } from 'vitest';
import type { LoadOptions, LoadTenant } from '../../../src/live/load/load-options.js';
import { runLoad } from '../../../src/live/load/run-load.js';
import { tritonRecipe } from '../../../src/live/triton/client-recipe.js';
import { connectTriton } from '../../../src/live/triton/connect.js';
import { Outcome } from '../../../src/trace/request-log.js';
import { type MemoryModel, type MemoryTriton, startMemoryTriton } from '../../support/memory-triton.js';
import { arrivals } from '../../support/scenario.js';
import { loadOptions, loadTenant } from './fake-client.js';

const tidyUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of tidyUp.splice(0).reverse()) await step();
});

async function serve(model: MemoryModel, tenants: readonly LoadTenant[], more: Partial<LoadOptions> = {}) {
  const triton: MemoryTriton = await startMemoryTriton({ models: { m: model } });
  const client = connectTriton({ url: triton.url });
  tidyUp.push(
    () => triton.stop(),
    () => client.close(),
  );
  const options: LoadOptions = {
    ...loadOptions(client, tenants),
    servers: [{ name: 's', client, connect: tritonRecipe({ url: triton.url }) }],
    request: ({ model }, batchSize) => ({
      model,
      batchSize,
      inputs: [
        { name: 'INPUT0', dataType: 'FP32', shape: [batchSize, 4], data: new Uint8Array(16 * batchSize) },
      ],
    }),
    pacer: 'sleep',
    durationUs: 300_000,
    ...more,
  };
  return { triton, options };
}

const every10Ms = arrivals(Array.from({ length: 25 }, (_, i) => i * 10_000));

describe('a load on a server that speaks Triton’s protocol', () => {
  it.each([1, 2])('from %d threads arrives as planned and is answered', async (threads) => {
    const tenants = [
      loadTenant('a', every10Ms, { batchSize: 3 }),
      loadTenant('b', every10Ms, { priority: 2 }),
    ];
    // Long after the last arrival: a busy machine may answer late, and what comes after the end is not finished.
    const durationUs = 2_000_000;
    const { triton, options } = await serve({ serviceMs: () => 0.1 }, tenants, { threads, durationUs });
    const { log, errors, endReason } = await runLoad(options);
    expect(errors).toEqual([]);
    expect(endReason).toBe('exhausted');
    expect(Array.from(log.outcome)).toEqual(Array(50).fill(Outcome.completed));
    expect(triton.requests).toHaveLength(50);
    expect(triton.requests.filter(({ inputs }) => inputs[0]!.shape[0] === 3n)).toHaveLength(25);
    expect(triton.requests.filter(({ parameters }) => 'priority' in parameters)).toHaveLength(25);
    expect(log.endUs).toBe(durationUs);
  });

  it('notes what a full queue refuses', async () => {
    const burst = arrivals(Array(10).fill(1000));
    const { options } = await serve({ serviceMs: () => 20, maxQueueSize: 2 }, [loadTenant('a', burst)]);
    const { log, errors, remark } = await runLoad(options);
    expect(log.outcome.filter((outcome) => outcome === Outcome.rejected).length).toBe(errors[0]!.count);
    expect(errors.map(({ kind }) => kind)).toEqual(['queueFull']);
    expect(remark).toBe('');
  });

  it('that dies under it keeps what was measured and stops', async () => {
    const tenants = [loadTenant('a', arrivals(Array.from({ length: 6000 }, (_, i) => i * 10_000)))];
    const { triton, options } = await serve({}, tenants, {
      durationUs: 60e6,
      giveUpMs: 300,
      onProgress: ({ answered }) => (answered > 5 ? void triton.stop() : undefined),
    });
    const { log, endReason, remark } = await runLoad(options);
    expect(endReason).toBe('serverGone');
    expect(log.outcome).toContain(Outcome.completed);
    expect(remark).toMatch(
      /^the server is gone: stopped after .* requests failed \((lost|unreachable)\), the first with: /,
    );
  });

  it('that is not there is one clear error', async () => {
    const { triton, options } = await serve({}, [loadTenant('a', every10Ms)]);
    await triton.stop();
    await expect(runLoad(options)).rejects.toMatchObject({ kind: 'unreachable' });
  });
});
