import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DEFAULT_DESIGN } from '../../src/calibrate/experiment.js';
import { connectTriton } from '../../src/live/triton/connect.js';
import { calibrateServer } from '../../src/node/calibrate/calibrate-server.js';
import { loadScenario } from '../../src/node/scenario/scenario-files.js';
import { describeLive, startTriton, type TestTriton } from '../live/support/triton.js';

const RESPONSES = { count: 5, firstMs: 8, gapMs: 4 };
/** 2 ms, then five responses: while the instance is free again, and while it is not. */
const MODELS = [
  { kind: 'composed', name: 'late', fixedUs: 2000, itemUs: 0, responses: RESPONSES },
  { kind: 'composed', name: 'busy', fixedUs: 2000, itemUs: 0, responses: { ...RESPONSES, isBusy: true } },
  { kind: 'sleeping', name: 'plain', fixedUs: 3000, itemUs: 0 },
  { kind: 'ensemble', name: 'chain', steps: ['late', 'plain'] },
  { kind: 'composed', name: 'asker', fixedUs: 1000, itemUs: 0, calls: [{ call: 'late', streams: true }] },
] as const;

describeLive('calibrate of decoupled models', () => {
  const out = mkdtempSync(join(tmpdir(), 'perseus-streams-'));
  let triton: TestTriton;

  beforeAll(async () => {
    triton = await startTriton({ models: MODELS });
  });

  afterAll(async () => {
    rmSync(out, { recursive: true, force: true });
    await triton?.stop({ graceMs: 3000 });
  });

  async function calibrated(model: string) {
    const client = connectTriton({ url: triton.url });
    const folder = join(out, model);
    const design = { ...DEFAULT_DESIGN, largestBatch: 1 };
    const options = { client, models: [model], out: folder, budgetS: 8, design };
    const { fit, report } = await calibrateServer(options).finally(() => client.close());
    const { scenario } = await loadScenario(join(folder, 'scenario.yaml'));
    const served = scenario.servers[0]!.models;
    const responses = served[0]!.responses!;
    return { report, served, responses, inferMs: fit.profiles[0]!.service[0]!.inferMs };
  }

  it('measures executions of an instance that is free while responses come, and when these do', async () => {
    const { report, responses, inferMs } = await calibrated('late');
    expect(report).toMatch(/^late gives 5\.0 responses: the first \S+ ms after its execution has ended/);
    expect(responses).toMatchObject({ mean: 5, law: 'constant' });
    expect(responses.firstUs).toBeGreaterThan(8000);
    expect(responses.gapUs).toBeGreaterThan(4000);
    expect(inferMs).toBeGreaterThan(2);
    expect(inferMs).toBeLessThan(2 + RESPONSES.firstMs);
  });

  it('counts the time of responses that come from a busy instance as its execution', async () => {
    const { responses, inferMs } = await calibrated('busy');
    expect(responses.firstUs).toBeLessThan(-16_000);
    expect(inferMs).toBeGreaterThan(2 + 8 + 16);
  });

  it('measures an ensemble with a step that streams, and a model that waits for a stream', async () => {
    const { report, served } = await calibrated('chain');
    expect(report).toMatch(
      /^chain is an ensemble of late, plain: \d+ us for each hand-over\nlate gives 5\.0 responses/,
    );
    expect(served.map(({ config }) => config.name)).toEqual(['late', 'plain', 'chain']);
    const [late, , chain] = served;
    expect(late!.responses!.mean).toBe(5);
    expect([chain!.config.decoupled, chain!.responses]).toEqual([true, undefined]);
    const asker = await calibrated('asker');
    expect(asker.report).toMatch(/^asker calls late: \d+ us of its own/);
    const [own, call] = asker.served.find(({ config }) => config.name === 'asker')!.calls!;
    // Without the responses that it waits for, which take 24 ms.
    expect((own as { ownUs: number }).ownUs).toBeLessThan(16_000);
    expect(call).toMatchObject({ calls: [{ model: 0 }] });
  });
});
