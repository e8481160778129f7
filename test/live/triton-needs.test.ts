import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { withLock } from '../../scripts/triton/lock.js';
import { glibcProblem } from '../../scripts/triton/machine.js';
import { findPython } from '../../scripts/triton/python.js';
import { complaints } from '../../scripts/triton/server.js';

const folder = mkdtempSync(join(tmpdir(), 'perseus-triton-needs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('what a machine lacks for Triton is told in one line, with how to get it:', () => {
  it('an old glibc, or another C library', () => {
    expect(glibcProblem('2.35')).toBeUndefined();
    expect(glibcProblem('3.0')).toBeUndefined();
    expect(glibcProblem('2.31')).toMatch(/^missing: glibc 2\.35 or later \(here is 2\.31\); use Debian 12/);
    expect(glibcProblem(undefined)).toMatch(/^missing: glibc .*\(no glibc here\); /);
  });

  it.each([
    ['no Python of that name', undefined, /^missing: .*; apt install python3 python3-venv$/],
    [
      'one that is too old',
      { minor: 6, version: '3.6' },
      /^missing: a Python from 3\.8 to 3\.13 .*; apt install/,
    ],
    [
      'one without venv',
      { canMakeEnvironments: false },
      /^missing: pip and venv of .*; apt install python3-venv$/,
    ],
    [
      'one without its shared library',
      { minor: 8, version: '3.8' },
      /^missing: libpython3\.8\.so\.1\.0; apt install/,
    ],
  ])('%s', (_, facts, problem) => {
    const command = join(folder, `python-${Math.random()}`);
    if (facts) {
      const answer = {
        minor: 11,
        version: '3.11',
        folders: [null, '/nowhere'],
        canMakeEnvironments: true,
        ...facts,
      };
      writeFileSync(command, `#!/bin/sh\necho '${JSON.stringify(answer)}'\n`, { mode: 0o755 });
    }
    expect(() => findPython(command)).toThrow(problem);
  });
});

it('a log of a failed start is told as a line for each model that did not load', () => {
  const log = [
    'I1126 05:10:35.4 1 server.cc:1] "starting"',
    `E1126 05:10:35.4 1 model_lifecycle.cc:642] "failed to load 'bad' version 1: Internal: RuntimeError: broken\\n\\nAt:\\n  model.py(1)"`,
    `E1126 05:10:35.4 1 model_repository_manager.cc:1] "Poll failed for model directory 'odd': unexpected platform"`,
    '| bad | 1 | UNAVAILABLE |',
    'error: creating server: Internal - failed to load all models',
  ].join('\n');
  expect(complaints(log)).toEqual([
    '  model bad does not load: Internal: RuntimeError: broken',
    '  model odd does not load: unexpected platform',
  ]);
  expect(complaints('I1126 1 x\nerror: port in use\n')).toEqual(['  error: port in use']);
});

it('work under a lock is done by one at a time, also after a holder that has died', async () => {
  const file = join(folder, 'some.lock');
  writeFileSync(file, JSON.stringify({ pid: 999_999_999, startTicks: 1 }));
  const seen: string[] = [];
  const turn = (name: string) =>
    withLock(
      file,
      () => seen.push(`${name} waits`),
      async () => {
        seen.push(`${name} begins`);
        await new Promise((resolve) => setTimeout(resolve, 50));
        seen.push(`${name} ends`);
      },
    );
  await Promise.all([turn('a'), turn('b')]);
  const work = seen.filter((each) => !each.endsWith('waits'));
  expect([work[0]!.replace('begins', 'ends'), work[2]!.replace('begins', 'ends')]).toEqual([
    work[1],
    work[3],
  ]);
  expect(existsSync(file)).toBe(false);
});
