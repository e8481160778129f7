import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };
/** Each writes what it builds and takes no options. */
const BUILDERS = new Set(['schemas', 'traces', 'profiles', 'prices', 'believe', 'page:picture', 'reference']);
const WITH_OPTIONS = Object.entries(scripts).filter(
  ([name, command]) => command.startsWith('tsx ') && !BUILDERS.has(name),
);

function run(command: string, ...options: string[]) {
  return spawnSync(process.execPath, ['--import', 'tsx', command.slice('tsx '.length), ...options], {
    encoding: 'utf8',
  });
}

describe.each(WITH_OPTIONS)('npm run %s', (name, command) => {
  it('says with --help what it takes', () => {
    const { status, stdout } = run(command, '--help');
    expect(status).toBe(0);
    expect(stdout).toContain(`npm run ${name}`);
  });

  it.runIf(name.startsWith('reproduce:'))('takes what all of them take, and gives an example', () => {
    const { stdout } = run(command, '--help');
    for (const option of ['--data F', '--json FILE', '--leave-out']) expect(stdout).toContain(option);
    expect(stdout).toMatch(
      new RegExp(`^example: npm run ${name} -- --data \\S+ --json figures\\.json$`, 'm'),
    );
  });

  it('names an option that it does not know, and does nothing', () => {
    const { status, stdout, stderr } = run(command, '--nonsense');
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain('nonsense');
    expect(stderr.split('\n').filter((line) => line.startsWith('    at '))).toEqual([]);
  });
});

it('npm run reproduce:placement says what is missing and exits 2 where the tables are not there', () => {
  const { status, stderr } = run(scripts['reproduce:placement']!, '--data', '/nowhere');
  expect(status).toBe(2);
  expect(stderr).toContain('/nowhere/placement/parvagpu_slo_sets.csv');
  expect(stderr).toContain('--data');
});

it('npm run reproduce:placement writes its figures', () => {
  const folder = mkdtempSync(join(tmpdir(), 'perseus-placement-'));
  const [sets, cells] = ['placement/parvagpu_slo_sets.csv', 'profiles/parvagpu_a100_mig.csv'];
  for (const file of [sets, cells]) mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, sets), 'slo_set,model,request_rate_per_s,latency_slo_ms\n1,bert,20,400\n');
  writeFileSync(
    join(folder, cells),
    'model,mig_gpcs,batch,processes,throughput_per_s,latency_s\nbert,7,1,1,100,0.010\nbert,7,2,1,180,0.0111\n',
  );
  const json = join(folder, 'f.json');
  const { status, stderr } = run(
    scripts['reproduce:placement']!,
    '--data',
    folder,
    '--sets',
    join(folder, sets),
    '--json',
    json,
  );
  expect(stderr).not.toContain('Error');
  expect(status).toBe(0);
  expect(JSON.parse(readFileSync(json, 'utf8')).cases.length).toBeGreaterThan(0);
  rmSync(folder, { recursive: true, force: true });
});
