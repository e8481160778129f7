import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { PERSEUS } from '../cli/small-scenario.js';

const ACTION = join(import.meta.dirname, '../../.github/actions/perseus-check');
const folder = mkdtempSync(join(tmpdir(), 'perseus-action-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string) => join(folder, name);

/** Stands for GitHub's command line: writes its words and the comment down, and knows one comment or none. */
function fakeGh(knownId: string): void {
  const script = `#!/usr/bin/env bash
echo "$*" >> ${at('calls.txt')}
case "$*" in
  *--method*) for word; do case $word in body=@*) cp "\${word#body=@}" ${at('body.md')};; esac; done;;
  *) echo "${knownId}";;
esac
`;
  writeFileSync(at('gh'), script);
  chmodSync(at('gh'), 0o755);
  writeFileSync(at('calls.txt'), '');
}

function expectations(bound: string): string {
  const scenario = join(import.meta.dirname, '../../examples/scenarios/one-tenant.yaml');
  const file = at('expectations.yaml');
  writeFileSync(
    file,
    `perseus-expectations: 1\nruns: 1\ncases:\n  - scenario: ${scenario}\n    durationS: 20\n    expect: [{ tenant: photos, metric: p99Ms, atMost: ${bound} }]\n`,
  );
  return file;
}

function run(file: string, more: Record<string, string> = {}) {
  const { status, stderr } = spawnSync(join(ACTION, 'check.sh'), {
    encoding: 'utf8',
    env: {
      ...process.env,
      PATH: `${folder}${delimiter}${process.env['PATH']}`,
      PERSEUS: PERSEUS[0],
      EXPECTATIONS: file,
      GITHUB_STEP_SUMMARY: at('summary.md'),
      GITHUB_REPOSITORY: 'someone/models',
      PULL_REQUEST: '7',
      ...more,
    },
  });
  return { status, stderr, calls: readFileSync(at('calls.txt'), 'utf8') };
}

describe('the GitHub Action', () => {
  it('names every variable that its script reads', () => {
    const { runs } = parse(readFileSync(join(ACTION, 'action.yml'), 'utf8'));
    const { env } = runs.steps.at(-1);
    expect(Object.keys(env)).toEqual([
      'PERSEUS',
      'EXPECTATIONS',
      'OPTIONS',
      'JUNIT',
      'PULL_REQUEST',
      'GH_TOKEN',
    ]);
  });

  it('fails on a violated bound, and replaces its own comment with the table', () => {
    fakeGh('42');
    const file = expectations('1');
    const { status, calls } = run(file, { OPTIONS: '--unsure fail', JUNIT: at('check.xml') });
    expect(status).toBe(1);
    expect(calls).toContain('--method PATCH repos/someone/models/issues/comments/42');
    const body = readFileSync(at('body.md'), 'utf8');
    expect(body).toContain(`<!-- perseus check ${file} -->\n#### perseus check: violated`);
    expect(body).toMatch(/^\| \*\*violated\*\* \| one-tenant \| p99Ms of photos at most 1 \| [\d.]+/m);
    expect(readFileSync(at('summary.md'), 'utf8')).toContain(body);
    expect(readFileSync(at('check.xml'), 'utf8')).toContain('failures="1"');
  });

  it('passes on what is met, and writes a first comment', () => {
    fakeGh('');
    const { status, calls } = run(expectations('500'));
    expect([status, calls]).toEqual([
      0,
      expect.stringContaining('--method POST repos/someone/models/issues/7/comments'),
    ]);
  });

  it('says in the comment what is wrong with the input, and needs no pull request', () => {
    fakeGh('');
    const wrong = run(at('missing.yaml'));
    expect(wrong.status).toBe(2);
    expect(readFileSync(at('body.md'), 'utf8')).toMatch(/not run\n```text\n.*missing\.yaml/);
    fakeGh('');
    expect(run(expectations('500'), { PULL_REQUEST: '' })).toMatchObject({ status: 0, calls: '' });
  });
});
