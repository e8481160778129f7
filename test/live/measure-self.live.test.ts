import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fitSelf } from '../../src/calibrate/fit/interference/interference.js';
import { liveServer } from '../../src/calibrate/live-server.js';
import { measureSelf } from '../../src/calibrate/measure-self.js';
import type { LiveModelConfig } from '../../src/live/inference-client.js';
import { reloadModel } from '../../src/live/reload-model.js';
import { connectTriton } from '../../src/live/triton/connect.js';
import { openCalibrationFolder, restoreChanged } from '../../src/node/calibrate/calibration-folder.js';
import { describeLive, startTriton, type TestTriton } from './support/triton.js';

const EXPERIMENT = {
  kind: 'self',
  id: 'sleeper/self',
  model: 'sleeper',
  batchSize: 1,
  reloads: true,
} as const;

describeLive('a second instance of a model that serves one, on a real Triton', () => {
  const folder = mkdtempSync(join(tmpdir(), 'perseus-self-'));
  let triton: TestTriton;
  let client: ReturnType<typeof connectTriton>;
  let found: LiveModelConfig;

  beforeAll(async () => {
    triton = await startTriton({
      readyWithinMs: 60_000,
      models: [
        {
          kind: 'sleeping',
          name: 'sleeper',
          fixedUs: 4000,
          itemUs: 500,
          dynamicBatching: { max_queue_delay_microseconds: 2000 },
        },
      ],
    });
    client = connectTriton({ url: triton.url });
    found = await client.modelConfig('sleeper');
  });

  afterAll(async () => {
    client?.close();
    rmSync(folder, { recursive: true, force: true });
    await triton?.stop({ graceMs: 3000 });
  });

  it('are measured in single executions, although the model holds requests back, and the model is given back', async () => {
    const notes: boolean[] = [];
    const observation = await measureSelf(EXPERIMENT, {
      server: liveServer({
        client,
        configs: new Map([['sleeper', found.config]]),
        inputs: () => ({}),
        noteChanged: async (model) => void notes.push(model !== undefined),
      }),
      capacityPerS: () => undefined,
      singlesPerS: () => undefined,
      longestS: 3,
    });
    expect(notes).toEqual([true, false]);
    const executed = (turn: string) =>
      observation
        .turns!.find((each) => each.turn === turn)!
        .statistics[0]!.batches.map(({ batchSize }) => batchSize);
    for (const turn of ['first', 'both']) expect(executed(turn), turn).toEqual([1]);
    const executions = (turn: string) =>
      observation.turns!.find((each) => each.turn === turn)!.statistics[0]!.executionCount;
    // Sleeping models cost each other nothing: two at once do twice as much, on a busy machine less. Of what shares all they do as much as one.
    expect(executions('both') / executions('first')).toBeGreaterThan(1.3);
    expect(fitSelf(observation as never)).toBeLessThan(1.5);
    expect((await client.modelConfig('sleeper')).json).toEqual(found.json);
  });

  it('a model that a killed calibration had changed is restored by the next one into the same folder', async () => {
    const fingerprint = { server: 'triton', serverVersion: '2', client: 'here', models: {} };
    const store = await openCalibrationFolder(folder, fingerprint as never, client);
    await store.noteChanged({ name: 'sleeper', json: found.json });
    const two = { ...(found.json as object), instance_group: [{ kind: 'KIND_CPU', count: 2 }] };
    await reloadModel(client, 'sleeper', { configJson: JSON.stringify(two) });
    expect((await client.modelConfig('sleeper')).json).not.toEqual(found.json);
    await restoreChanged(folder, client);
    expect((await client.modelConfig('sleeper')).json).toEqual(found.json);
    expect(existsSync(join(folder, 'changed-models.json'))).toBe(false);
    await restoreChanged(folder, client);
  });
});
