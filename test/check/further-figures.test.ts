import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { CommandModule } from 'yargs';
import { checkCommand } from '../../src/cli/commands/check.js';
import { diffCommand } from '../../src/cli/commands/diff.js';
import { simulateCommand } from '../../src/cli/commands/simulate.js';
import { sweepCommand } from '../../src/cli/commands/sweep.js';
import { runCommand } from '../cli/in-process.js';

const folder = mkdtempSync(join(tmpdir(), 'perseus-further-'));
const write = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

/** A writer in a stream, a listener with sequences, a network behind a response cache, and one that is loaded when it is asked for. */
const scenario = (firstMs: number) => `
perseus: 1
name: further
durationS: 40
profiles: ["shipped:t4"]
servers:
  - name: s
    devices: [{name: gpu0, kind: Tesla T4}]
    triton: {cache: {sizeMb: 64}}
    models:
      - name: writer
        config: {backend: python, max_batch_size: 0, model_transaction_policy: {decoupled: true}, instance_group: [{kind: KIND_CPU}]}
        calls: [{ownMs: 2}]
        responses: {mean: 5, law: constant, firstMs: ${firstMs}, gapMs: 10}
      - name: listener
        config: {backend: python, max_batch_size: 4, sequence_batching: {direct: {}}, instance_group: [{kind: KIND_CPU}]}
        calls: [{ownMs: 5}]
      - {name: net, profile: resnet50-onnx-trt-fp16, config: {max_batch_size: 8, response_cache: {enable: true}}}
  - name: lazy
    devices: [{name: gpu0, kind: Tesla T4}]
    modelCache: {memoryMb: 4000}
    models:
      - {name: late, profile: resnet50-onnx-trt-fp16, config: {max_batch_size: 8}, loadMs: 4000, memoryMb: 3000}
tenants:
  - {name: readers, model: writer, load: {process: {kind: constant, ratePerS: 5, phase: 0.5}}}
  - {name: callers, model: listener, sequences: {requests: 10, gapMs: 50}, load: {process: {kind: constant, ratePerS: 2, phase: 0.5}}}
  - {name: shop, model: net, contents: {objects: 10}, load: {process: {kind: poisson, ratePerS: 50}}}
  - {name: others, model: late, load: {process: {kind: constant, ratePerS: 10, phase: 0.5}}}
`;

const file = write('further.yaml', scenario(20));

async function judgementsOf(...expectations: string[]) {
  const lines = expectations.map((each) => `      - ${each}\n`).join('');
  const text = `perseus-expectations: 1\nruns: 1\ncases:\n  - scenario: further.yaml\n    expect:\n${lines}`;
  const words = ['check', write('expectations.yaml', text), '--json'];
  const { code, stdout, stderr } = await runCommand(checkCommand as CommandModule, words);
  if (code === 2) return stderr;
  return JSON.parse(stdout).cases[0].judgements.map(
    (one: { expectation: string; value: number; passed: boolean }) => [
      one.expectation,
      Math.round(one.value * 100) / 100,
      one.passed,
    ],
  );
}

afterEach(() => {
  process.exitCode = undefined;
});

describe('perseus check', () => {
  it('holds expectations on streams, sequences, hits of the response cache and models that were loaded', async () => {
    expect(
      await judgementsOf(
        '{metric: p95Ms, of: firstResponse, atMost: 30}',
        '{metric: meanMs, of: betweenResponses, atMost: 9}',
        '{metric: p95Ms, of: sequenceFirstAnswer, atMost: 10}',
        '{metric: p50Ms, of: sequenceLastAnswer, tenant: callers, atLeast: 450}',
        '{metric: p50Ms, of: sequenceLastAnswer, tenant: shop, atLeast: 0}',
        '{metric: hitShare, atLeast: 0.9}',
        '{metric: foundLoadedShare, model: lazy/late, atLeast: 0.95}',
        '{metric: hitShare, model: lazy/late, atLeast: 0}',
      ),
    ).toEqual([
      ['p95Ms firstResponse of readers at most 30', expect.closeTo(22, 0), true],
      ['meanMs betweenResponses of readers at most 9', 10, false],
      ['p95Ms sequenceFirstAnswer of callers at most 10', expect.closeTo(5, 0), true],
      ['p50Ms sequenceLastAnswer of callers at least 450', expect.closeTo(455, 0), true],
      // Nothing is known of it.
      ['p50Ms sequenceLastAnswer of shop at least 0', 0, false],
      ['hitShare of s/net at least 0.9', expect.closeTo(0.99, 1), true],
      ['foundLoadedShare of lazy/late at least 0.95', 0.9, false],
      ['hitShare of lazy/late at least 0', 0, false],
    ]);
  });

  it('refuses names that such a figure does not have', async () => {
    const told = await judgementsOf(
      '{metric: hitShare, tenant: shop, atLeast: 0.5}',
      '{metric: throughputPerS, of: firstResponse, atLeast: 1}',
      '{metric: hitShare, model: s/nets, atLeast: 0.5}',
    );
    expect(told).toMatch(/expect\[0\]\.tenant: has no meaning for this figure/);
    expect(told).toMatch(/expect\[1\]\.of: has no meaning for this figure/);
    expect(told).toMatch(/there is no model "s\/nets"; did you mean "s\/net"/);
  });
});

describe('perseus diff', () => {
  it('compares times to the first response, and names a share of hits that changed', async () => {
    const folders = [];
    const small = scenario(60).replace('objects: 10}', 'objects: 100000}');
    for (const [name, from] of [['before', file] as const, ['after', write('after.yaml', small)] as const]) {
      const words = ['simulate', from, '--duration', '25', '--out', join(folder, name), '--no-bounds'];
      await runCommand(simulateCommand as CommandModule, words);
      folders.push(join(folder, name));
    }
    const { stdout } = await runCommand(diffCommand as CommandModule, ['diff', ...folders, '--json']);
    const { metrics, facts } = JSON.parse(stdout);
    const first = metrics.find(({ metric }: { metric: string }) => metric === 'p95 first response');
    expect(first).toMatchObject({ tenant: 'readers', verdict: 'worse', basis: 'intervals' });
    expect(first.difference.value).toBeCloseTo(40, 0);
    expect(
      metrics.some(
        ({ tenant, metric }: Record<string, string>) =>
          tenant === 'shop' && /response|sequence/.test(metric!),
      ),
    ).toBe(false);
    expect(facts.map(({ path }: { path: string }) => path)).toContain('models["s/net"].hitShare');
  });
});

describe('perseus sweep', () => {
  it('has columns for responses, sequences, hits and loads, as a run of the point has them', async () => {
    const axis = 'axes: [{name: first, vary: servers.s.models.writer.responses.firstMs, values: [20, 60]}]';
    const sweep = write('sweep.yaml', `perseus: 1\nname: sw\nscenario: further.yaml\n${axis}\n`);
    const out = join(folder, 'swept');
    await runCommand(sweepCommand as CommandModule, ['sweep', sweep, '--out', out, '--engine', 'inline']);
    const [head, ...lines] = readFileSync(join(out, 'results.csv'), 'utf8').trim().split('\n');
    const rows = lines.map((line) => {
      const cells = line.split(',');
      return Object.fromEntries(head!.split(',').map((name, i) => [name, cells[i]!]));
    });
    const of = (tenant: string, column: string) =>
      rows
        .filter((row) => row['tenant'] === tenant)
        .map((row) => Math.round(Number(row[column]) * 100) / 100);
    expect(of('readers', 'first_response_p95_ms')).toEqual([22, 62]);
    expect(of('callers', 'sequence_last_answer_p50_ms')).toEqual([455.01, 455.01]);
    expect(of('total', 'cache_hit_share')).toEqual([1, 1]);
    expect(of('total', 'found_loaded_share')).toEqual([0.9, 0.9]);
    expect(rows.find((row) => row['tenant'] === 'shop')!['first_response_p95_ms']).toBe('');
  });
});
