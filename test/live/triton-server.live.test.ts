import { existsSync, readdirSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { isFree } from '../../scripts/triton/ports.js';
import { describeLive, startTriton, type TestTriton } from './support/triton.js';

const FIXED_US = 20_000;
const ITEM_US = 5_000;
/** Other work on the machine must not fail a start. */
const PATIENT = { readyWithinMs: 60_000 };

describeLive('a Triton that the tests start', () => {
  let triton: TestTriton;

  beforeAll(async () => {
    triton = await startTriton({
      ...PATIENT,
      models: [
        { kind: 'sleeping', name: 'sleeper', fixedUs: FIXED_US, itemUs: ITEM_US, reportsExecution: true },
        { kind: 'echo', name: 'echo', dims: [-1], maxBatchSize: 4, dynamicBatching: {} },
        { kind: 'echo', name: 'completed', autoComplete: true, maxBatchSize: 16, dynamicBatching: {} },
      ],
    });
  });

  afterAll(() => triton?.stop({ graceMs: 3000 }));

  it('is ready, and has loaded every model of the repository', async () => {
    expect((await fetch(`${triton.httpUrl}/v2/health/ready`)).status).toBe(200);
    const index = await fetch(`${triton.httpUrl}/v2/repository/index`, { method: 'POST' });
    const models = (await index.json()) as { name: string; state: string }[];
    expect(models.map(({ name, state }) => [name, state])).toEqual([
      ['completed', 'READY'],
      ['echo', 'READY'],
      ['sleeper', 'READY'],
    ]);
  });

  it('answers with the values that were sent, and never before the programmed time has passed', async () => {
    const startMs = performance.now();
    const outputs = await infer(triton, 'sleeper', [3, 1], [1, -2, 0.5]);
    expect(performance.now() - startMs).toBeGreaterThan((FIXED_US + 3 * ITEM_US) / 1000);
    expect(outputs.get('OUTPUT0')).toEqual([1, -2, 0.5]);
  });

  it('says of each item in which execution it was and how many items that had', async () => {
    const outputs = await infer(triton, 'sleeper', [2, 1], [1, 2]);
    const [execution, ...rest] = outputs.get('EXECUTION')!;
    expect(rest).toEqual([2, execution, 2]);
  });

  it('completes a configuration that says nothing of batch size, tensors and scheduler', async () => {
    const answer = await fetch(`${triton.httpUrl}/v2/models/completed/config`);
    const config = (await answer.json()) as Record<string, unknown>;
    expect(config['max_batch_size']).toBe(16);
    expect(config['dynamic_batching']).toMatchObject({ preferred_batch_size: [16] });
  });

  it('loads and unloads models, also such as are added while it runs', async () => {
    await triton.addModel({ kind: 'echo', name: 'late' });
    await control(triton, 'late', 'load');
    expect((await infer(triton, 'late', [1, 1], [7])).get('OUTPUT0')).toEqual([7]);
    await control(triton, 'late', 'unload');
    await expect(infer(triton, 'late', [1, 1], [7])).rejects.toThrow(/not found|not ready|no available/);
  });

  it('answers with errors for a model whose process was killed, and goes on with the others', async () => {
    expect(triton.killStub('echo')).toHaveLength(1);
    await expect(infer(triton, 'echo', [1, 2], [1, 2])).rejects.toThrow(/Stub process|not healthy/);
    expect((await infer(triton, 'sleeper', [1, 1], [4])).get('OUTPUT0')).toEqual([4]);
  });

  it('stops, also when a model has died, and leaves no process, port, file or shared memory behind', async () => {
    const { ports, repository, pid } = triton;
    await triton.stop({ graceMs: 3000 });
    expect(triton.isRunning()).toBe(false);
    expect(existsSync(`/proc/${pid}/task`)).toBe(false);
    expect(await Promise.all([ports.http, ports.grpc, ports.metrics].map(isFree))).toEqual([
      true,
      true,
      true,
    ]);
    expect(existsSync(repository)).toBe(false);
    expect(readdirSync('/dev/shm').filter((name) => name.startsWith(triton.sharedMemoryPrefix))).toEqual([]);
  });
});

describeLive('a start that fails', () => {
  it('shows the last lines of the log', async () => {
    const start = startTriton({
      ...PATIENT,
      models: [
        { kind: 'echo', name: 'broken', maxBatchSize: 4, dynamicBatching: { preferred_batch_size: [9] } },
      ],
    });
    await expect(start).rejects.toThrow(/ended before it was ready.*broken/s);
  });

  it('names the port that another program has', async () => {
    const first = await startTriton({ ...PATIENT, models: [] });
    try {
      const second = startTriton({ ...PATIENT, models: [], ports: first.ports });
      await expect(second).rejects.toThrow(`port ${first.ports.http} is taken`);
    } finally {
      await first.stop();
    }
  });
});

/** Values of each output. Rejects with the server's message. */
async function infer(
  { httpUrl }: TestTriton,
  model: string,
  shape: readonly number[],
  data: readonly number[],
): Promise<Map<string, number[]>> {
  const answer = await fetch(`${httpUrl}/v2/models/${model}/infer`, {
    method: 'POST',
    body: JSON.stringify({ inputs: [{ name: 'INPUT0', datatype: 'FP32', shape, data }] }),
  });
  const body = (await answer.json()) as { error?: string; outputs: { name: string; data: number[] }[] };
  if (body.error !== undefined) throw new Error(body.error);
  return new Map(body.outputs.map((output) => [output.name, output.data]));
}

async function control({ httpUrl }: TestTriton, model: string, action: 'load' | 'unload'): Promise<void> {
  const answer = await fetch(`${httpUrl}/v2/repository/models/${model}/${action}`, { method: 'POST' });
  expect(answer.status).toBe(200);
}
