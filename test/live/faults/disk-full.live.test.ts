import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FAULT_MODELS, faultFolder, keptPoints } from '../support/fault-models.js';
import { tritonAvailable } from '../support/installed.js';
import { expectOneError, runPerseus } from '../support/perseus-process.js';
import { startTriton, type TestTriton } from '../support/triton.js';

const SIZE_KB = 64;
const PAGE = 4096;
const { path, scenario, remove } = faultFolder();
const disk = path('disk');
mkdirSync(disk);
const isMounted =
  spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE_KB}k`, 'tmpfs', disk], { stdio: 'ignore' }).status ===
  0;
const reason = tritonAvailable() ?? (isMounted ? undefined : 'mounting a small disk needs root');

describe.skipIf(reason !== undefined)(`a disk that is full${reason ? ` (skipped: ${reason})` : ''}`, () => {
  let triton: TestTriton;

  beforeAll(async () => {
    triton = await startTriton({ models: FAULT_MODELS });
  }, 120_000);

  afterAll(async () => {
    await triton?.stop({ graceMs: 3000 });
  });

  /** Leaves this many pages. */
  const fill = (left: number) =>
    writeFileSync(path('disk/filler'), Buffer.alloc(SIZE_KB * 1024 - left * PAGE));
  const makeRoom = () => rmSync(path('disk/filler'));

  it('stops a calibration with one error; the points before are kept, and it goes on once there is room', async () => {
    const words = [
      ...['calibrate', '--url', triton.url, '--models', 'steady', '--max-batch', '1', '--budget', '1s'],
      ...['--out', path('disk/calibration')],
    ];
    fill(2);
    const full = await runPerseus(...words);
    expectOneError(
      full,
      /disk\/calibration\/points\/steady~[a-z]+-[0-9]+\.json: no space is left on the disk; make room/,
    );
    expect([...keptPoints(path('disk/calibration')).keys()]).toEqual(['steady~sequential-1.json']);
    makeRoom();
    const resumed = await runPerseus(...words);
    expect(resumed.code).toBe(0);
    expect(resumed.stderr).not.toContain('steady/sequential-1 ');
    expect(existsSync(path('disk/calibration/steady.profile.json'))).toBe(true);
  });

  it('costs a live run its log, not its summary', async () => {
    const file = scenario('scenario.yaml', { model: 'steady', ratePerS: 400, durationS: 2 });
    rmSync(path('disk/calibration'), { recursive: true, force: true });
    fill(1);
    const run = await runPerseus('live', file, '--url', triton.url, '--log', path('disk/live.csv'));
    expectOneError(run, /disk\/live\.csv: no space is left on the disk; make room/);
    expect(run.stdout).toMatch(/^people: \d+ of \d+ completed/);
    expect(existsSync(path('disk/live.csv'))).toBe(false);
    makeRoom();
  });
});

afterAll(() => {
  if (isMounted) spawnSync('umount', [disk]);
  remove();
});
