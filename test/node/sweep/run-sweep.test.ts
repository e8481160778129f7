import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tableFromIPC } from 'apache-arrow';
import { parquetMetadata, parquetSchema } from 'hyparquet';
import { beforeAll, describe, expect, it } from 'vitest';
import { simulate, summarizeRun } from '../../../src/index.js';
import { loadScenario } from '../../../src/node/scenario/scenario-files.js';
import { inlineRunner } from '../../../src/node/sweep/inline-runner.js';
import { prepareSweep } from '../../../src/node/sweep/prepare-sweep.js';
import { runSweep } from '../../../src/node/sweep/run-sweep.js';
import type { PointJob, SweepRunner } from '../../../src/node/sweep/runner.js';
import { threadRunner } from '../../../src/node/sweep/thread-runner.js';
import { bytesBelow, runInline, SMALL_SWEEP, smallSweep } from './small-sweep.js';

const small = smallSweep();
const whole = small.path('whole');

beforeAll(async () => {
  await runInline(small.sweep, whole);
});

describe('the results of a sweep', () => {
  it('open in DuckDB as Parquet, with the types that a query needs', async () => {
    const { DuckDBInstance } = await import('@duckdb/node-api');
    const database = await (await DuckDBInstance.create(':memory:')).connect();
    const query = async (text: string) => (await database.runAndReadAll(text)).getRowObjects();
    const file = `'${join(whole, 'results.parquet')}'`;
    const [{ rows, points } = {}] = await query(
      `SELECT count(*)::INT AS rows, count(DISTINCT point)::INT AS points FROM ${file}`,
    );
    expect([rows, points]).toEqual([36, 12]);
    const totals = await query(
      `SELECT batch, sharing, load, latency_p99_ms, usd_per_hour, slo_met, is_total
       FROM ${file} WHERE is_total AND load = 0.5 ORDER BY point`,
    );
    expect(totals.map(({ batch, sharing }) => [batch, sharing])).toEqual([
      [2, 'streams'],
      [2, 'exclusive'],
      [8, 'streams'],
      [8, 'exclusive'],
    ]);
    for (const row of totals) {
      expect(row).toMatchObject({ usd_per_hour: 1.5, is_total: true, latency_p99_ms: expect.any(Number) });
    }
  });

  it('say the same as Parquet, Arrow, CSV and JSON', async () => {
    const json = JSON.parse(readFileSync(join(whole, 'results.json'), 'utf8'));
    const arrow = tableFromIPC(readFileSync(join(whole, 'results.arrow')));
    const lines = readFileSync(join(whole, 'results.csv'), 'utf8').trimEnd().split('\r\n');
    expect([json.rows.length, arrow.numRows, lines.length - 1]).toEqual([36, 36, 36]);
    const column = lines[0]!.split(',').indexOf('latency_p99_ms');
    json.rows.forEach((row: Record<string, unknown>, i: number) => {
      expect(arrow.get(i)!.toJSON()).toMatchObject({
        latency_p99_ms: row['latency_p99_ms'],
        tenant: row['tenant'],
      });
      expect(Number(lines[i + 1]!.split(',')[column])).toBe(row['latency_p99_ms']);
    });
    expect(JSON.parse(arrow.schema.metadata.get('perseus.sweep')!)).toMatchObject({
      name: 'small',
      points: 12,
    });
  });

  it('have their columns in one order in Parquet, Arrow and CSV, even where an axis is called by a number', async () => {
    const text = readFileSync(small.sweep, 'utf8').replace('name: batch', "name: '2024'");
    const out = small.path('numbered');
    await runInline(small.write('numbered.yaml', text), out);
    const { fields } = tableFromIPC(readFileSync(join(out, 'results.arrow'))).schema;
    const parquet = parquetSchema(
      parquetMetadata(new Uint8Array(readFileSync(join(out, 'results.parquet'))).buffer),
    );
    const columns = readFileSync(join(out, 'results.csv'), 'utf8').split('\r\n')[0]!.split(',');
    expect(columns.slice(0, 4)).toEqual(['point', '2024', 'sharing', 'load']);
    expect(fields.map(({ name }) => name)).toEqual(columns);
    expect(parquet.children.map(({ element }) => element.name)).toEqual(columns);
  });

  it('come with a scenario for each point, which simulates to the figures of its row', async () => {
    const { rows } = JSON.parse(readFileSync(join(whole, 'results.json'), 'utf8'));
    const files = readdirSync(join(whole, 'scenarios'));
    expect(files).toHaveLength(12);
    const { scenario } = await loadScenario(join(whole, 'scenarios', files[4]!));
    const summary = summarizeRun({ scenario, result: simulate(scenario) });
    const total = rows.find((row: Record<string, unknown>) => row['point'] === 5 && row['is_total']);
    expect(total.throughput_per_s).toBeCloseTo(summary.total.throughputPerS.value, 6);
    expect(total.latency_mean_ms).toBeCloseTo(summary.total.latencyMs.mean.value, 6);
  });

  it('come with a page on which every point links to its scenario', () => {
    const page = readFileSync(join(whole, 'report.html'), 'utf8');
    for (let point = 1; point <= 12; point++) {
      expect(page).toContain(`href="scenarios/${String(point).padStart(5, '0')}.json"`);
    }
    expect(page).not.toContain('<script');
  });

  it('are averaged over seeds by what an axis varies, whatever it is called', async () => {
    const axes = [
      '  - {name: draw, vary: seed, values: [1, 2, 3]}',
      '  - {name: seed, vary: maxBatchSize, values: [2, 8]}',
      '  - {name: load, vary: loadScale, values: [0.5, 1, 1.5]}',
    ];
    const head = SMALL_SWEEP.slice(0, SMALL_SWEEP.indexOf('axes:'));
    const out = small.path('draws');
    await runInline(small.write('draws.yaml', `${head}axes:\n${axes.join('\n')}\n`), out);
    const page = readFileSync(join(out, 'report.html'), 'utf8');
    expect(page).toContain('p99 latency, ms over load and seed');
    expect(page).toContain('Means over the seeds.');
    expect([...page.matchAll(/<h2>(.*?)<\/h2>/g)].map(([, heading]) => heading).join()).not.toContain('draw');
  });
});

describe('a sweep', () => {
  it('gives the same bytes on one thread, on several, and in another order', async () => {
    const expected = bytesBelow(whole);
    const sweep = await prepareSweep(small.sweep);
    await runSweep(sweep, { out: small.path('threads'), runner: threadRunner(sweep.library, 3) });
    expect(bytesBelow(small.path('threads'))).toEqual(expected);
    const inline = inlineRunner(sweep.library);
    const backwards: SweepRunner = (jobs, ...rest) => inline(jobs.toReversed(), ...rest);
    await runSweep(sweep, { out: small.path('backwards'), runner: backwards });
    expect(bytesBelow(small.path('backwards'))).toEqual(expected);
  });

  it('never runs a point twice: not one it has, and not one that another point equals', async () => {
    expect(await jobsOf(small.sweep, whole)).toEqual([]);
    const twice = small.write(
      'twice.yaml',
      `perseus: 1
name: small
scenario: small.yaml
axes:
  - {name: batch, vary: maxBatchSize, values: [2, 8]}
  - {name: again, choices: {once: {}, twice: {name: another name changes nothing}}}
`,
    );
    expect(await jobsOf(twice, small.path('twice'))).toHaveLength(2);
  });

  it('runs again what is damaged in its folder, and only that', async () => {
    const out = small.path('damaged');
    await runInline(small.sweep, out);
    const [first, second] = pointFiles(out);
    writeFileSync(first!, '{"key": "tor');
    rmSync(second!);
    expect(await jobsOf(small.sweep, out)).toHaveLength(2);
    await runInline(small.sweep, out);
    expect(bytesBelow(out)).toEqual(bytesBelow(whole));
  });

  it('runs again what holds other cells than a row has, as a peer may have written it', async () => {
    const out = small.path('foreign');
    await runInline(small.sweep, out);
    const [first, second] = pointFiles(out);
    writeFileSync(first!, readFileSync(first!, 'utf8').replace(/"offered": \d+/, '"offered": "evil"'));
    writeFileSync(second!, readFileSync(second!, 'utf8').replace(/"rows": \[/, '"rows": [null,'));
    expect(await jobsOf(small.sweep, out)).toHaveLength(2);
  });

  it('runs only the points that a changed file adds', async () => {
    const out = small.path('grown');
    await runInline(small.sweep, out);
    const grown = small.write('grown.yaml', readFileSync(small.sweep, 'utf8').replace('1.5]', '1.5, 2]'));
    expect(await jobsOf(grown, out)).toHaveLength(4);
  });

  it('stops between points when it is told to, and keeps what is done', async () => {
    const out = small.path('stopped');
    const controller = new AbortController();
    const stopped = await runInline(small.sweep, out, {
      signal: controller.signal,
      onProgress: ({ done }) => done === 5 && controller.abort(),
    });
    expect(stopped).toMatchObject({ scenarios: 12, done: 5 });
    expect(stopped.table).toBeUndefined();
    expect(readdirSync(out).sort()).toEqual(['perseus-folder.json', 'points']);
    const resumed = await runInline(small.sweep, out);
    expect(resumed).toMatchObject({ done: 12, found: 5 });
    expect(bytesBelow(out)).toEqual(bytesBelow(whole));
  });
});

/** The jobs that a sweep would hand to its runner. */
async function jobsOf(file: string, out: string): Promise<readonly PointJob[]> {
  let handed: readonly PointJob[] = [];
  const sweep = await prepareSweep(file);
  const controller = new AbortController();
  const runner: SweepRunner = async (jobs) => {
    handed = jobs;
    controller.abort();
  };
  await runSweep(sweep, { out, runner, signal: controller.signal });
  return handed;
}

function pointFiles(out: string): string[] {
  const points = join(out, 'points');
  return readdirSync(points).flatMap((folder) =>
    readdirSync(join(points, folder)).map((file) => join(points, folder, file)),
  );
}
