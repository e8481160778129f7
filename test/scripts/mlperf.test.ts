import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { pointsOf } from '../../scripts/mlperf/doubt.js';
import { chooseRules } from '../../scripts/mlperf/fit.js';
import { pointFigures } from '../../scripts/mlperf/points.js';
import { type Fit, fitFor, predictRows, profileTexts, seenKey } from '../../scripts/mlperf/reproduction.js';
import { deviceKind, readMlperfRows, slicesPerGpu } from '../../scripts/mlperf/rows.js';
import { CANDIDATES, NO_RULES, serverKind } from '../../scripts/mlperf/rules.js';
import { servicePoints, spreadOf } from '../../scripts/mlperf/service.js';
import { serverSetup } from '../../scripts/mlperf/setup.js';
import { InputError } from '../../src/base/problem.js';

const ROOT = join(import.meta.dirname, '../..');
const SHARED = join(ROOT, '../shared/data/profiles/mlperf_server.csv');
const folder = mkdtempSync(join(tmpdir(), 'perseus-mlperf-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A run of a benchmark and a GPU that nothing here knows: one GPU, about half its load. */
const ROW: Readonly<Record<string, string>> = {
  round: 'v9.9',
  commit: '0123456789abcdef',
  licence: 'Apache-2.0',
  submitter: 'Nobody',
  system: 'L99x1_TRT_Triton',
  gpu: 'NVIDIA L99',
  gpus: '1',
  harness: 'Triton',
  benchmark: 'other-net',
  limit_ms: '100',
  server_qps: '500',
  srv_mean: '9',
  srv_p50: '8.5',
  srv_p90: '12',
  srv_p95: '14',
  srv_p99: '20',
  offline_per_s: '1000',
  solo_offline_per_s: '',
  ss_p50: '3',
  ms_p50: '11',
  ms_samples: '8',
  cfg_gpu_batch_size: '8',
  cfg_gpu_inference_streams: '2',
  cfg_gpu_copy_streams: '',
  cfg_instance_group_count: '',
  cfg_deque_timeout_usec: '2000',
  cfg_max_queue_delay_usec: '',
  cfg_use_deque_limit: 'True',
  cfg_preferred_batch_size: '',
  server_path: 'closed/Nobody/results/L99x1_TRT_Triton/other-net/Server/run_1/log.txt',
};

function write(name: string, ...rows: readonly Readonly<Record<string, string>>[]): string {
  const path = join(folder, name);
  const lines = [Object.keys(ROW), ...rows.map((row) => Object.values({ ...ROW, ...row }))];
  writeFileSync(path, `${lines.map((cells) => cells.join(',')).join('\n')}\n`);
  return path;
}

function problemsOf(path: string): readonly string[] {
  try {
    readMlperfRows(path);
  } catch (error) {
    if (error instanceof InputError) return error.problems.map(({ line, path: field }) => `${line} ${field}`);
    throw error;
  }
  return [];
}

const PLAIN: Fit = {
  leaveOut: 'gpu',
  widening: 1,
  rules: { '': { triton: NO_RULES, waiting: NO_RULES, greedy: NO_RULES } },
  seen: [],
  scales: {},
  residuals: [],
};
const FEW = { requests: 4000 };
const temporary = { profiles: folder, scenarios: join(folder, 'scenarios'), profilesFromScenario: '../..' };

describe('a file in the form of the MLPerf rows', () => {
  it('gives every mistake at once, with its line and field', () => {
    const path = write('wrong.csv', { server_qps: 'fast' }, {}, { gpus: '1.5', ms_samples: '', round: '' });
    expect(problemsOf(path)).toEqual(['2 server_qps', '4 round', '4 gpus', '4 ms_samples']);
  });

  it('is refused where a limit or a rate is of another unit', () => {
    const path = write('units.csv', { limit_ms: '0.1' }, { server_qps: '500000' }, { ss_p50: '3000' });
    expect(problemsOf(path)).toEqual(['2 limit_ms', '3 server_qps', '4 limit_ms']);
  });

  it('names columns that are not there', () => {
    const path = join(folder, 'head.csv');
    writeFileSync(path, 'round,commit\nv1,abc\n');
    expect(problemsOf(path)).toContain('1 server_qps');
  });

  it('is asked for where there is none, and refused where it holds no row', () => {
    expect(() => readMlperfRows(join(folder, 'nowhere.csv'))).toThrow(/there is no such file/);
    expect(() => readMlperfRows(write('empty.csv'))).toThrow(/holds no row/);
  });

  it('is read cell by cell', () => {
    const slices = {
      gpu: 'NVIDIA A30 (4x1g.6gb MIG)',
      harness: 'LWIS/custom',
      cfg_max_queue_delay_usec: '7',
    };
    const [triton, other] = readMlperfRows(write('rows.csv', { cfg_max_queue_delay_usec: '0' }, slices));
    expect(triton!.settings.maxQueueDelayUs).toBe(0);
    expect(other!.settings.maxQueueDelayUs).toBe(2000);
    expect(slicesPerGpu(other!)).toBe(4);
    expect(deviceKind(other!)).toBe('A30 MIG 1g.6gb');
    expect(serverSetup(other!)).toMatchObject({ servers: 4, devices: 1 });
    expect(serverKind(triton!)).toBe('triton');
  });
});

describe('the service times of a row', () => {
  const solo = { singleMs: 3, multi: { samples: 8, ms: 11.4 }, offlinePerS: 1000, batchSize: 32, streams: 2 };
  const points = servicePoints(solo, NO_RULES);
  const total = (i: number) => points[i]!.inputMs + points[i]!.inferMs;

  it('give SingleStream and MultiStream back', () => {
    expect(points.map(({ batchSize }) => batchSize)).toEqual([1, 8, 32]);
    expect(total(0)).toBeCloseTo(3, 3);
    expect(total(1)).toBeCloseTo(11.4, 3);
  });

  it('occupy the GPU as long as Offline says, and half of the fixed part with two streams', () => {
    // 1 ms a sample, 0.2 ms of copy, 1.8 ms fixed.
    expect(points[2]!.inferMs).toBeCloseTo(32 + 0.9, 3);
    expect(points[2]!.inputMs).toBeCloseTo(32 * 0.2 + 0.9, 3);
  });

  it('vary around 1 with late executions too', () => {
    const spread = spreadOf({ ...NO_RULES, cv: 0.1, latePercent: 2 });
    const ratios = spread.law === 'empirical' ? spread.ratios : [];
    expect(ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length).toBeCloseTo(1, 3);
    expect(ratios.filter((ratio) => ratio > 1.5)).toHaveLength(2);
  });
});

describe('predictions of rows', () => {
  it('are made end to end from a file of the form', async () => {
    const rows = readMlperfRows(write('one.csv', {}));
    const predicted = await predictRows(rows, (row) => fitFor(row, PLAIN), temporary, FEW);
    const { p50, p99 } = predicted[0]!.predicted;
    // Batches of at most 8 that wait 2 ms: longer than one sample alone, shorter than two full batches.
    expect(p50.value).toBeGreaterThan(3);
    expect(p99.value).toBeLessThan(22);
    const written = pointsOf(predicted, PLAIN).map(pointFigures);
    expect(written.map(({ metric }) => metric)).toEqual(['mean', 'p50', 'p90', 'p95', 'p99']);
    expect(written[0]).toEqual({
      round: 'v9.9',
      submitter: 'Nobody',
      system: 'L99x1_TRT_Triton',
      benchmark: 'other-net',
      harness: 'Triton',
      metric: 'mean',
      measured: 9,
      predicted: expect.any(Number),
      low: expect.any(Number),
      high: expect.any(Number),
    });
  });

  it('cut the service times of a load that could not keep its limit otherwise', async () => {
    const rows = readMlperfRows(write('full.csv', { server_qps: '830', limit_ms: '60' }));
    const [row] = await predictRows(rows, () => PLAIN, temporary, FEW);
    expect(row!.scale).toBeLessThan(1);
    expect(row!.predicted.p99.value).toBeLessThanOrEqual(60);
  });

  it('say in the scenario file which percentiles are cut at the limit, and only there', async () => {
    const rows = readMlperfRows(
      write('limit.csv', { server_qps: '830', limit_ms: '60' }, { system: 'L99x1_TRT_Easy' }),
    );
    const [cut, kept] = await predictRows(rows, () => PLAIN, temporary, FEW);
    const textOf = ({ files }: typeof cut & object) =>
      readFileSync(join(folder, 'scenarios', files.scenarioPath), 'utf8');
    expect(cut!.predicted.p99.value).toBe(60);
    expect(textOf(cut!)).toMatch(
      /^# The simulation gives more than the limit for (p95, )?p99\. The run kept it, so the page says 60 ms\.$/m,
    );
    expect(textOf(kept!)).not.toContain('the page says');
  });

  it('take rules that were chosen without a row of the same group', () => {
    const rows = readMlperfRows(write('two.csv', {}, { gpu: 'NVIDIA L98' }));
    const flat = (value: number) => ({ value, low: value, high: value });
    const tries = (best: number) =>
      CANDIDATES.triton.map((_, i) => {
        const ms = flat(i === best ? 1 : 100);
        return { mean: ms, p50: ms, p90: ms, p95: ms, p99: ms };
      });
    const measured = { p50: 1, p90: 1, p99: 1 };
    const tried = rows.map((row, i) => ({ row: { ...row, measured }, tries: tries(i + 1) }));
    expect(chooseRules([tried[1]!], 'triton')).toBe(CANDIDATES.triton[2]);
    expect(fitFor(rows[0]!, { ...PLAIN, seen: [seenKey(rows[0]!)] })).toHaveProperty('seen.length', 1);
  });
});

describe.skipIf(!existsSync(SHARED))('the published MLPerf rows (need ../shared)', () => {
  const publishedFit = () => JSON.parse(readFileSync(join(ROOT, 'results/mlperf/rules.json'), 'utf8')) as Fit;

  it('have the shipped profiles, byte for byte', () => {
    const texts = profileTexts(readMlperfRows(SHARED), publishedFit());
    expect(texts.size).toBe(56);
    for (const [path, text] of texts)
      expect(readFileSync(join(ROOT, 'calibration', path), 'utf8')).toBe(text);
  });

  it('have published figures that a row gives again', async () => {
    const rows = readMlperfRows(SHARED).filter(({ ratePerS }) => ratePerS < 100);
    const predicted = await predictRows(rows, () => publishedFit(), temporary);
    const published = readFileSync(join(ROOT, 'results/mlperf/predicted.csv'), 'utf8');
    for (const { row, predicted: figures } of predicted) {
      const line = published
        .split('\n')
        .find(
          (text) =>
            text.includes(`${row.submitter},${row.system},${row.benchmark},`) && text.includes(',p50,'),
        );
      expect(line?.split(',')[7]).toBe(String(Number(figures.p50.value.toPrecision(5))));
    }
  });
});
