import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { calibrateCommand } from '../../src/cli/commands/calibrate.js';
import { readProfiles } from '../../src/node/scenario/profile-files.js';
import { loadScenario } from '../../src/node/scenario/scenario-files.js';
import { runCommand } from '../cli/in-process.js';
import { describeLive, startTriton, type TestTriton } from '../live/support/triton.js';

describeLive('calibrate over HTTP/REST with tensors in shared memory', () => {
  const out = mkdtempSync(join(tmpdir(), 'perseus-transport-'));
  let triton: TestTriton;

  beforeAll(async () => {
    const model = { kind: 'sleeping', name: 'net', fixedUs: 2000, itemUs: 0, dims: [25_000] } as const;
    triton = await startTriton({ models: [{ ...model, maxBatchSize: 4 }] });
  });

  afterAll(async () => {
    rmSync(out, { recursive: true, force: true });
    await triton?.stop({ graceMs: 3000 });
  });

  it('writes profiles and a scenario of that way, and the server forgets the memory', async () => {
    const { code, stderr } = await runCommand(calibrateCommand as never, [
      ...['calibrate', '--url', triton.url, '--http-url', triton.httpUrl, '--shared-memory', 'system'],
      ...['--max-batch', '2', '--budget', '8s', '--out', out],
    ]);
    expect(code, stderr).toBe(0);
    const [read] = await readProfiles([out]);
    const { provenance, serving, service } = read!.profile;
    expect(provenance).toMatchObject({ protocol: 'http', sharedMemory: 'system' });
    expect(service[0]!.inferMs).toBeGreaterThan(2);
    expect(serving!.requestDelayUs).toBeGreaterThan(0);
    const { scenario, warnings } = await loadScenario(join(out, 'scenario.yaml'));
    expect(scenario.servers[0]!.options.protocol).toBe('http');
    expect(scenario.tenants[0]!.sharedMemory).toBe('system');
    expect(warnings.filter((each) => each.code === 'other-transport')).toEqual([]);
    const regions = await fetch(`${triton.httpUrl}/v2/systemsharedmemory/status`);
    expect(await regions.json()).toEqual([]);
  });
});
