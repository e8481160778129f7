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
  { kind: 'ensemble', name: 'chain', steps: ['late'] },
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
    const { responses } = scenario.servers[0]!.models[0]!;
    return { report, responses: responses!, inferMs: fit.profiles[0]!.service[0]!.inferMs };
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

  it('refuses an ensemble with a step that streams, of which no part can be told', async () => {
    await expect(calibrated('chain')).rejects.toThrow(
      /--models: "chain" calls late, and "\w+" gives several/,
    );
  });
});
