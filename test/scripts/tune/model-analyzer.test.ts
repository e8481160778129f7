import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { writeCommandFile } from '../../../scripts/triton/command-file.js';
import { readModelAnalyzer } from '../../../scripts/tune/model-analyzer-result.js';
import { readRecordedSearch } from '../../../scripts/tune/recorded-search.js';

/** As Model Analyzer 1.58.0 wrote them on a processor; of the checkpoint only what may matter is kept. */
const fixture = (name: string) => readFileSync(join(import.meta.dirname, name), 'utf8');
const files = {
  checkpoint: fixture('checkpoint.json'),
  table: fixture('metrics-model-inference.csv'),
  perfAnalyzerLog: '',
};

const folder = mkdtempSync(join(tmpdir(), 'perseus-tune-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("a search of Model Analyzer's", () => {
  it('gives every point that it measured, each model with its own settings and clients', () => {
    const { points } = readModelAnalyzer(files);
    expect(points.length).toBe(3);
    expect(points).toContainEqual({
      models: {
        mobilenet_v1: { instances: 1, maxBatchSize: 1, concurrency: 1 },
        resnet18: { instances: 1, maxBatchSize: 1, concurrency: 1 },
      },
      measured: {
        mobilenet_v1: { throughputPerS: 261.636, p99Ms: 8.09 },
        resnet18: { throughputPerS: 181.669, p99Ms: 10.796 },
      },
      keptUp: true,
    });
  });

  it('marks the points of which perf_analyzer says itself that it did not keep up', () => {
    const run = (perS: number, more = '') =>
      `Command: mpiexec perf_analyzer\n\n[1,0]<stdout>:    Throughput: ${perS} infer/sec\n${more}`;
    const warning =
      '[1,0]<stdout>:[WARNING] Perf Analyzer is not able to keep up with the desired load. The results may not be accurate.\n';
    const { points } = readModelAnalyzer({
      ...files,
      perfAnalyzerLog: run(9.5) + run(261.636, warning) + run(8),
    });
    expect(points.filter(({ keptUp }) => !keptUp).map(({ measured }) => measured)).toEqual([
      expect.objectContaining({ mobilenet_v1: { throughputPerS: 261.636, p99Ms: 8.09 } }),
    ]);
  });

  it('gives as its choice what its own table has first', () => {
    const { choice } = readModelAnalyzer(files);
    expect(choice).toEqual({
      mobilenet_v1: { instances: 1, maxBatchSize: 8, concurrency: 16 },
      resnet18: { instances: 1, maxBatchSize: 8, concurrency: 16 },
    });
    const [head, first, ...others] = files.table.trim().split('\n');
    const reversed = [head, ...others.reverse(), first].join('\n');
    expect(readModelAnalyzer({ ...files, table: reversed }).choice['resnet18']!.maxBatchSize).toBe(1);
  });

  it('is refused when table and checkpoint are of different searches', () => {
    const table = files.table.replaceAll('_config_default', '_config_7');
    expect(() => readModelAnalyzer({ ...files, table })).toThrow(/has no .*_config_7/);
  });

  it('is refused, with the place, when the checkpoint has another form', () => {
    const checkpoint = files.checkpoint.replaceAll('"maxBatchSize"', '"max_batch_size"');
    expect(() => readModelAnalyzer({ ...files, checkpoint })).toThrow(/maxBatchSize/);
  });

  it('reads the same after it was written down', async () => {
    const search = { tool: 'Model Analyzer', seconds: 250, ...readModelAnalyzer(files) };
    const file = join(folder, 'recorded.json');
    writeFileSync(file, JSON.stringify(search));
    expect(await readRecordedSearch(file)).toEqual(search);
    writeFileSync(file, JSON.stringify({ ...search, seconds: -1 }));
    await expect(readRecordedSearch(file)).rejects.toThrow(/seconds/);
  });
});

describe('a command file', () => {
  it('runs its program in its environment with the words that it is called with in the middle', async () => {
    const file = join(folder, 'command');
    await writeCommandFile(file, {
      environment: { GREETING: "it's $HOME" },
      before: ['sh', '-c', 'printf "%s|" "$GREETING" "$@"', 'sh', 'first'],
      after: ['last one'],
    });
    expect(execFileSync(file, ['a b', '"c"']).toString()).toBe(`it's $HOME|first|a b|"c"|last one|`);
  });
});
