import { existsSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bytesBelow, runInline, smallSweep } from './small-sweep.js';

const small = smallSweep(`perseus: 1
name: small
scenario: small.yaml
set: {durationS: 1}
axes:
  - {name: batch, vary: maxBatchSize, values: [2, 8]}
`);

function write(name: string, text: string): string {
  mkdirSync(dirname(small.path(name)), { recursive: true });
  writeFileSync(small.path(name), text);
  return small.path(name);
}

describe('the folder of a sweep', () => {
  it('is not known by a folder named points: what others keep in such a place stays', async () => {
    write('mine/points/a.txt', 'mine');
    write('mine/results.csv', 'mine');
    write('mine/scenarios/00007.json', 'mine');
    const before = bytesBelow(small.path('mine'));
    await expect(runInline(small.sweep, small.path('mine'))).rejects.toThrow(
      'mine holds points/a.txt, results.csv, scenarios/00007.json, which perseus sweep did not write; name another folder',
    );
    expect(bytesBelow(small.path('mine'))).toEqual(before);
  });

  it('keeps what others put beside the results, and loses scenarios of points that are no more', async () => {
    const out = small.path('out');
    await runInline(small.sweep, out);
    const own = [
      'chart.svg',
      'scenarios/notes.json',
      'scenarios/00001.json.orig',
      'points/notes',
      '.notes.tmp',
    ];
    const hourAgo = new Date(Date.now() - 3_600_000);
    for (const name of own) utimesSync(write(`out/${name}`, 'mine'), hourAgo, hourAgo);
    write('out/scenarios/00099.json', '{}');
    await runInline(small.sweep, out);
    for (const name of own) expect(readFileSync(small.path(`out/${name}`), 'utf8'), name).toBe('mine');
    expect(existsSync(small.path('out/scenarios/00099.json'))).toBe(false);
  });

  it('loses what killed processes left under temporary names', async () => {
    const out = small.path('leftovers');
    await runInline(small.sweep, out);
    const hourAgo = new Date(Date.now() - 3_600_000);
    const left = [
      '.results.csv.0123456789abcdef.tmp',
      '.results.csv.6a9e3f4c-55d1-4b0e-9b39-d2c0a6f1c7aa.tmp',
    ];
    for (const name of left) utimesSync(write(`leftovers/${name}`, ''), hourAgo, hourAgo);
    await runInline(small.sweep, out);
    for (const name of left) expect(existsSync(small.path(`leftovers/${name}`)), name).toBe(false);
  });
});
