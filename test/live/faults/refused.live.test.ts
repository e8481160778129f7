import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { CommandModule } from 'yargs';
import { calibrateCommand } from '../../../src/cli/commands/calibrate.js';
import { liveCommand } from '../../../src/cli/commands/live.js';
import { validateCommand } from '../../../src/cli/commands/validate.js';
import { runCommand } from '../../cli/in-process.js';
import { startMemoryTriton } from '../../support/memory-triton.js';
import { FAULT_MODELS, faultFolder, keptPoints } from '../support/fault-models.js';
import { type Ended, expectOneError } from '../support/perseus-process.js';
import { describeLive, startTriton, type TestTriton } from '../support/triton.js';

const COMMANDS: Readonly<Record<string, unknown>> = {
  calibrate: calibrateCommand,
  live: liveCommand,
  validate: validateCommand,
};

/** In this process: what is refused at the start needs none of its own. */
async function perseus(command: string, ...words: string[]): Promise<Ended> {
  const run = await runCommand(COMMANDS[command] as CommandModule, [command, ...words]);
  return { ...run, signal: undefined };
}

const tlsFixture = (name: string) => join(import.meta.dirname, '../../fixtures/tls', name);

describeLive('a server that cannot be measured', () => {
  const { path, scenario, remove } = faultFolder();
  let triton: TestTriton;
  let secure: TestTriton;

  beforeAll(async () => {
    const certificates = [
      '--grpc-use-ssl=1',
      `--grpc-server-cert=${tlsFixture('server.pem')}`,
      `--grpc-server-key=${tlsFixture('server.key')}`,
      `--grpc-root-cert=${tlsFixture('authority.pem')}`,
    ];
    [triton, secure] = await Promise.all([
      startTriton({ models: FAULT_MODELS }),
      startTriton({ models: [], extraArguments: certificates }),
    ]);
    await triton.addModel({ kind: 'echo', name: 'late' });
  }, 120_000);

  afterAll(async () => {
    await Promise.all([triton?.stop({ graceMs: 3000 }), secure?.stop({ graceMs: 3000 })]);
    remove();
  });

  /** What each of the three commands makes of it. */
  async function all(url: string, model = 'steady'): Promise<Ended[]> {
    const file = scenario(`${model}.yaml`, { model });
    const runs = [
      await perseus('calibrate', '--url', url, '--models', model, '--out', path('never')),
      await perseus('live', file, '--url', url, '--log', path('never.csv')),
      await perseus('validate', file, '--url', url, '--html', path('never.html')),
    ];
    for (const { stdout } of runs) expect(stdout).toBe('');
    expect(readdirSync(path('.')).filter((name) => name.includes('never'))).toEqual([]);
    return runs;
  }

  it('because nobody is there is named as such', async () => {
    for (const run of await all('127.0.0.1:1')) expectOneError(run, /127\.0\.0\.1:1: nobody answers/);
  });

  it('because it lacks the model is told with the models that it has', async () => {
    for (const run of await all(triton.url, 'nobody')) {
      expectOneError(run, /has no model "nobody"; ready there: doomed, slow, steady/, 2);
    }
  });

  it('because the model is not loaded is told so, and not that it has none of that name', async () => {
    for (const run of await all(triton.url, 'late')) {
      expectOneError(run, /the model "late" of .* is not ready \(not loaded\); load it/, 2);
    }
  });

  it('because it does not speak TLS is told how to connect instead', async () => {
    for (const run of await all(`grpcs://${triton.url}`)) {
      expectOneError(run, /does not speak TLS on this port .*; connect without TLS/);
    }
  });

  it('because it speaks nothing but TLS is told how to connect instead', async () => {
    for (const run of await all(secure.url)) {
      expectOneError(run, /hangs up on connections without TLS .*; connect with TLS/);
    }
  });

  it('because nobody known has signed its certificate is told what to give', async () => {
    for (const run of await all(`grpcs://localhost:${secure.ports.grpc}`)) {
      expectOneError(run, /signed by nobody that is trusted here .*; give the certificate of its authority/);
    }
  });

  it('because it serves the model in another way than the scenario says is not validated', async () => {
    const file = scenario('other.yaml', { model: 'doomed' });
    writeFileSync(file, readFileSync(file, 'utf8').replace('max_batch_size: 8', 'max_batch_size: 4'));
    const { code, stderr } = await perseus('validate', file, '--url', triton.url);
    expect(code).toBe(2);
    expect(stderr).toMatch(/doomed: max_batch_size is 8 on the server and 4 in the scenario; change one/);
  });
});

describeLive('a calibration that was begun', () => {
  const { path, remove } = faultFolder();
  let triton: TestTriton;
  const calibrate = (url = triton.url) =>
    perseus(
      ...['calibrate', '--url', url, '--models', 'steady', '--max-batch', '1', '--budget', '1s'],
      ...['--out', path('calibration')],
    );

  beforeAll(async () => {
    triton = await startTriton({ models: FAULT_MODELS });
    expect((await calibrate()).code).toBe(0);
  }, 120_000);

  afterAll(async () => {
    await triton?.stop({ graceMs: 3000 });
    remove();
  });

  it('does not go on with a server of another version, nor with another configuration', async () => {
    const kept = keptPoints(path('calibration'));
    const other = await startMemoryTriton({ models: { steady: {} }, version: '2.40.0' });
    const run = await calibrate(other.url).finally(() => other.stop());
    expect(run.code).toBe(2);
    expect(run.stderr).toMatch(
      /measured on something else: serverVersion was 2\.51\.0 and is 2\.40\.0; name another/,
    );
    expect(run.stderr).toMatch(
      /measured on something else: the configuration of steady has changed; name another/,
    );
    expect(keptPoints(path('calibration'))).toEqual(kept);
  });

  it('names a point that somebody has spoilt, and measures it again once it is deleted', async () => {
    const [name] = keptPoints(path('calibration')).keys();
    const file = path(`calibration/points/${name}`);
    writeFileSync(file, '{"experiment": ');
    expectOneError(await calibrate(), /points\/.*: this is no JSON; delete the file/, 2);
    expect(existsSync(file)).toBe(true);
  });
});
