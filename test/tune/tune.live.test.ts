import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { tuneCommand } from '../../src/cli/commands/tune.js';
import { connectTriton } from '../../src/live/triton/connect.js';
import { serializeProfile } from '../../src/profile/parse.js';
import { runCommand } from '../cli/in-process.js';
import { describeLive, startTriton, type TestTriton } from '../live/support/triton.js';
import { profile } from '../support/scenario.js';

/** Executions sleep 5 + 0.5 b ms: two instances with half of the clients each win. */
const SLEEPER = {
  kind: 'sleeping',
  name: 'sleeper',
  fixedUs: 5000,
  itemUs: 500,
  dynamicBatching: {},
} as const;

const SCENARIO = `perseus: 1
name: sleeper
durationS: 2
warmUpS: 0.5
profiles: [profiles]
servers:
  - name: triton
    models: [{name: sleeper, config: {max_batch_size: 2, dynamic_batching: {}, instance_group: [{kind: KIND_CPU}]}}]
tenants:
  - name: app
    model: sleeper
    load: {closedLoop: {concurrency: 8}}
`;

describeLive('perseus tune --confirm and a real Triton', () => {
  const folder = mkdtempSync(join(tmpdir(), 'perseus-tune-'));
  const path = (name: string) => join(folder, name);
  let triton: TestTriton;

  beforeAll(async () => {
    mkdirSync(path('profiles'));
    const own = profile('sleeper', 5.1, 0.5, { device: 'CPU' });
    writeFileSync(path('profiles/sleeper.profile.json'), serializeProfile(own));
    writeFileSync(path('sleeper.yaml'), SCENARIO);
    triton = await startTriton({ models: [SLEEPER] });
  }, 120_000);
  afterAll(async () => {
    await triton?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('measures the winner and the settings as they are, and gives the model back as it was', async () => {
    const client = connectTriton({ url: triton.url });
    const before = (await client.modelConfig('sleeper')).json;
    const words = ['--instances', '1,2', '--max-batch', '2,4', '--delay', '0', '--preferred', 'max'];
    const live = ['--confirm', '1', '--rounds', '2', '--url', triton.url];
    const command = ['tune', path('sleeper.yaml'), ...words, ...live, '--out', path('tuned'), '--json'];
    const { code, stdout, stderr } = await runCommand(tuneCommand as never, command);
    expect({ code, stderr: stderr.includes('giving the models back') }).toEqual({ code: 0, stderr: true });
    const { confirmation, best } = JSON.parse(stdout);
    expect(best.models[0].setting).toMatchObject({ instances: 2 });
    expect(confirmation.candidates.map(({ label }: { label: string }) => label)).toEqual(['1', 'now']);
    for (const { measured } of confirmation.candidates) {
      expect(measured).toMatchObject({ runs: 2, meetsSlos: true });
      expect(measured.value).toBeGreaterThan(0);
    }
    expect(JSON.parse(readFileSync(path('tuned/tune.json'), 'utf8')).confirmation).toEqual(confirmation);
    expect((await client.modelConfig('sleeper')).json).toEqual(before);
    client.close();
  }, 60_000);
});
