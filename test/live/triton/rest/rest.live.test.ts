import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { liveCommand } from '../../../../src/cli/commands/live.js';
import type { InferenceClient, InferRequest, LiveError } from '../../../../src/live/inference-client.js';
import { buildInputs } from '../../../../src/live/input-data.js';
import { connectTriton } from '../../../../src/live/triton/connect.js';
import { serializeProfile } from '../../../../src/profile/parse.js';
import { runCommand } from '../../../cli/in-process.js';
import { profile } from '../../../support/scenario.js';
import { describeLive, startTriton, type TestTriton } from '../../support/triton.js';

const SCENARIO = `perseus: 1
name: over-http
durationS: 2
profiles: [echo.profile.json]
servers:
  - name: triton
    triton: {protocol: http}
    models: [{name: echo, config: {max_batch_size: 4, dynamic_batching: {}, instance_group: [{kind: KIND_CPU}]}}]
tenants:
  - name: app
    model: echo
    load: {process: {kind: poisson, ratePerS: 100}}
  - name: near
    model: echo
    sharedMemory: system
    load: {process: {kind: poisson, ratePerS: 50}}
`;

describeLive('HTTP/REST and a real Triton', () => {
  const folder = mkdtempSync(join(tmpdir(), 'perseus-rest-'));
  let triton: TestTriton;
  let client: InferenceClient;

  beforeAll(async () => {
    triton = await startTriton({
      readyWithinMs: 60_000,
      models: [
        { kind: 'echo', name: 'echo', maxBatchSize: 4, dynamicBatching: {} },
        {
          kind: 'sleeping',
          name: 'impatient',
          fixedUs: 500_000,
          itemUs: 0,
          dynamicBatching: {
            default_queue_policy: { max_queue_size: 1, default_timeout_microseconds: 100_000 },
          },
        },
      ],
    });
    client = connectTriton({ url: triton.url, httpUrl: triton.httpUrl });
  });

  afterAll(async () => {
    client?.close();
    await triton?.stop({ graceMs: 3000 });
    rmSync(folder, { recursive: true, force: true });
  });

  async function infer(model: string, request: Partial<InferRequest> = {}): Promise<LiveError | undefined> {
    const { config } = await client.modelConfig(model);
    const { batchSize = 1 } = request;
    const inputs = buildInputs(config, { batchSize });
    const prepared = client.prepare({ model, batchSize, inputs, ...request });
    return new Promise((resolve) => client.send(prepared, resolve));
  }

  it('understand each other, and tell mistakes in requests', async () => {
    await client.ping();
    const [before] = await client.statistics('echo');
    const { config } = await client.modelConfig('echo');
    const outputs = config.outputs.map(({ name }) => ({ name }));
    expect(await infer('echo', { batchSize: 3 })).toBeUndefined();
    expect(await infer('echo', { version: '1', outputs, priority: 0, timeoutUs: 1e6 })).toBeUndefined();
    const [after] = await client.statistics('echo');
    expect(after!.inferenceCount - before!.inferenceCount).toBe(4);
    const wrong = [{ name: 'WRONG', dataType: 'FP32', shape: [1, 1], data: new Uint8Array(4) }];
    expect(await infer('echo', { inputs: wrong })).toMatchObject({
      kind: 'invalid',
      message: expect.stringContaining('WRONG'),
    });
    const nobody = client.prepare({ model: 'nobody', batchSize: 1, inputs: [] });
    const error = await new Promise((resolve) => client.send(nobody, resolve));
    expect(error).toMatchObject({ kind: 'modelNotReady' });
  });

  it('tell a full queue and an expired request apart', async () => {
    const running = infer('impatient');
    await pause(100);
    const waiting = infer('impatient');
    await pause(50);
    expect(await infer('impatient')).toMatchObject({ kind: 'queueFull' });
    expect(await running).toBeUndefined();
    expect(await waiting).toMatchObject({ kind: 'queueTimeout' });
  });

  it('play a scenario that says so, from two threads', async () => {
    writeFileSync(
      join(folder, 'echo.profile.json'),
      serializeProfile(profile('echo', 1, 0, { device: 'CPU' })),
    );
    writeFileSync(join(folder, 'http.yaml'), SCENARIO);
    const play = (httpUrl: string) => {
      const addresses = ['--url', triton.url, '--http-url', httpUrl];
      const words = ['live', join(folder, 'http.yaml'), ...addresses, '--threads', '2', '--json'];
      return runCommand(liveCommand as never, words);
    };
    const { code, stdout, stderr } = await play(triton.httpUrl);
    expect(code, stderr).toBe(0);
    const { errors, summary } = JSON.parse(stdout);
    expect(errors).toEqual([]);
    const completed = summary.tenants.map(
      ({ counts }: { counts: { completed: number } }) => counts.completed,
    );
    expect(Math.min(...completed)).toBeGreaterThan(50);
    expect((await play('http://127.0.0.1:1')).stderr).toContain('http://127.0.0.1:1: nobody answers');
  });
});
