import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { profileCommand } from '../../src/cli/commands/profile.js';
import { serializeProfile } from '../../src/profile/parse.js';
import { pages, readings } from '../calibrate/traffic/counter-hours.js';
import { sampleProfile } from '../profile/samples.js';
import { examplesIn, type Outcome, runCommand } from './in-process.js';

const folder = mkdtempSync(join(tmpdir(), 'perseus-profile-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Several tests look at the same answers of `show`, which reads all shipped profiles. */
const shown = new Map<string, Promise<Outcome>>();
const run = (...words: string[]) => {
  const key = words.join('\n');
  if (words[0] !== 'show') return runCommand(profileCommand, ['profile', ...words]);
  if (!shown.has(key)) shown.set(key, runCommand(profileCommand, ['profile', ...words]));
  return shown.get(key)!;
};
const file = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

const sample = file('resnet50.profile.json', serializeProfile(sampleProfile()));
const SHIPPED = 'resnet50-onnx-trt-fp16@Tesla T4';

describe('profile show', () => {
  it('shows a file in full', async () => {
    const { code, stdout } = await run('show', sample);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^resnet50@Tesla T4\n +file +.*resnet50\.profile\.json\n/);
    expect(stdout).toMatch(/^Where it may be trusted\n- batch sizes 2, 4, 8;/m);
  });

  it('finds a shipped profile by model and device, in any case', async () => {
    const { stdout } = await run('show', SHIPPED.toLowerCase(), '--json');
    const { profiles } = JSON.parse(stdout);
    expect(profiles).toHaveLength(1);
    expect(profiles[0]).toMatchObject({ model: 'resnet50-onnx-trt-fp16', device: 'Tesla T4' });
    expect(profiles[0].file).toBe('calibration/t4/resnet50-onnx-trt-fp16.profile.json');
  });

  it('gives several a line each, and all shipped ones when none is named', async () => {
    const { stdout: two } = await run('show', SHIPPED, sample);
    expect(two).toMatch(/^2 profiles\n/);
    expect(two).toContain('perseus profile show FILE shows one in full');
    expect(two).toMatch(/^resnet50@Tesla T4 +2 to 8 +4\.30 /m);
    const { stdout: all } = await run('show');
    expect(all).toContain(SHIPPED);
    expect(Number(/^(\d+) profiles/.exec(all)?.[1])).toBeGreaterThan(100);
  });

  it('reports unknown names and files together, with what was meant', async () => {
    const { code, stdout, stderr } = await run('show', 'resnet50-onnx-trt-fp16@Tesla T5', 'nowhere.json');
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain(`did you mean "${SHIPPED}"?`);
    expect(stderr).toContain('nowhere.json: no such file or folder');
  });
});

it('profile import says how the files of one Triton trace are put together', async () => {
  const words = [
    'import',
    'triton-trace',
    'trace.json.0',
    'trace.json.1',
    '--device',
    'CPU',
    '--out',
    folder,
  ];
  const { code, stderr } = await run(...words);
  expect(code).toBe(2);
  expect(stderr).toContain(
    '2 files; triton-trace takes 1; put those of one server together first: jq -s add',
  );
});

describe('profile import prometheus', () => {
  const scrapes = pages.map(({ text }, i) => file(`scrape-${i}.txt`, text));
  const imported = (...words: string[]) =>
    run('import', 'prometheus', ...scrapes, '--device', 'CPU', '--out', folder, ...words);

  it('says what load the counters saw and how long its requests took, for a scenario and to compare with', async () => {
    const { stdout } = await imported('--interval', '11');
    const first = readings[0]!.counters;
    const last = readings.at(-1)!.counters;
    const grown = (name: string) => last[name]! - first[name]!;
    const requests = grown('nv_inference_request_success');
    const figure = (value: number) => String(Number(value.toPrecision(3)));
    const ms = (name: string) => figure(grown(name) / requests / 1000);
    expect(stdout).toContain(`its traffic: ${figure(requests / 55)} requests/s (`);
    expect(stdout).toContain(`mean batch ${figure(requests / grown('nv_inference_exec_count'))}\n`);
    expect(stdout).toContain(
      `in the server: ${ms('nv_inference_request_duration_us')} ms, of which queue ${ms('nv_inference_queue_duration_us')} ms`,
    );
  });

  it('counts requests where the scrapes bear no times', async () => {
    expect((await imported()).stdout).toMatch(/its traffic: \d+ requests, mean batch/);
  });

  it('names the first and the last of many scrapes: the source stands in every report', async () => {
    await imported();
    const { provenance } = JSON.parse(readFileSync(join(folder, 'm.profile.json'), 'utf8'));
    expect(provenance.source).toBe('own production traffic: scrape-0.txt to scrape-5.txt (6 files)');
  });

  it('replaces a profile, and nothing else that has its name', async () => {
    mkdirSync(join(folder, 'other'));
    file('other/m.profile.json', '{"format": "mine"}');
    const place = join(folder, 'other/m.profile.json');
    const words = ['import', 'prometheus', ...scrapes, '--device', 'CPU', '--out', join(folder, 'other')];
    const { code, stderr } = await run(...words);
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining('m.profile.json: this is no profile, and would'),
    ]);
    expect(readFileSync(place, 'utf8')).toBe('{"format": "mine"}');
    file('other/m.profile.json', '{"format": "perseus-profile/1"}');
    expect((await run(...words)).code).toBe(0);
    expect(JSON.parse(readFileSync(place, 'utf8')).model).toBe('m');
  });
});

describe('profile check', () => {
  const broken = file('broken.profile.json', '{"format": "perseus-profile/1", "modle": 3}');
  const torn = file('torn.profile.json', '{"format": ');

  it('says that profiles are valid, and what is odd or not known', async () => {
    const { code, stdout } = await run('check', sample);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '1 profile is valid\n' });
    const { stdout: shipped } = await run('check', 'calibration/t4');
    expect(shipped).toMatch(/^\d+ profiles are valid; remarks:\n- \d+ profiles, such as calibration\/t4\//);
  });

  it('reports all problems of all files at once and exits with 2', async () => {
    const { code, stdout, stderr } = await run('check', broken, sample, torn);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(new RegExp(`^${broken}:1:\\d+: modle: `, 'm'));
    expect(stderr).toMatch(new RegExp(`^${broken}.*: provenance: `, 'm'));
    expect(stderr).toContain(`${torn}:`);
  });

  it('gives a program the verdict as JSON either way', async () => {
    const good = JSON.parse((await run('check', sample, '--json')).stdout);
    expect(good).toMatchObject({ valid: true, problems: [], profiles: [{ name: 'resnet50@Tesla T4' }] });
    const bad = await run('check', broken, '--json');
    expect(bad.code).toBe(2);
    const { valid, problems } = JSON.parse(bad.stdout);
    expect(valid).toBe(false);
    expect(problems[0]).toMatchObject({ file: broken, line: 1 });
  });
});

describe('the help of every profile command', () => {
  it.each(['show', 'check'])('has examples of %s that work', async (name) => {
    const examples = examplesIn((await run(name, '--help')).stdout);
    expect(examples.length).toBeGreaterThan(1);
    for (const words of examples) {
      const { code, stdout } = await run(...words.slice(1));
      expect(code).toBe(0);
      expect(stdout).not.toBe('');
    }
  });
});
