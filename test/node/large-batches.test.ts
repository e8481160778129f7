import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { runScenario } from '../../src/node/runs/run-scenario.js';
import { loadScenario } from '../../src/node/scenario/scenario-files.js';
import { simulate } from '../../src/simulator/simulate.js';
import { requestLogFromArrow } from '../../src/trace/log-table/request-log-arrow.js';
import { requestLogToArrow } from '../support/log-files.js';

const folder = mkdtempSync(join(tmpdir(), 'perseus-large-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("a model takes batches of more than 65,535 inferences, as NVIDIA's wide-and-deep does", async () => {
  const file = join(folder, 'scenario.yaml');
  writeFileSync(
    file,
    `perseus: 1
name: large
durationS: 2
profiles: ["shipped:t4"]
servers:
  - name: server
    devices: [{name: gpu, kind: Tesla T4, sharing: streams}]
    models: [{name: wide-and-deep-trt-fp16, config: {max_batch_size: 131072, dynamic_batching: {}}}]
tenants:
  - {name: clients, model: wide-and-deep-trt-fp16, batchSize: 2048, load: {closedLoop: {concurrency: 128}}}
`,
  );
  const { report } = await runScenario(file, { bounds: false, series: false });
  expect(report.summary.tenants[0]!.executedBatch).toBeGreaterThan(130_000);
  const { log } = simulate((await loadScenario(file)).scenario);
  expect(Math.max(...log.calls.executedBatch)).toBe(131_072);
  const { requests, calls } = requestLogToArrow(log);
  const again = requestLogFromArrow(
    { bytes: requests, file: 'log.arrow' },
    { bytes: calls, file: 'log.calls.arrow' },
  );
  expect(again.calls.executedBatch).toEqual(log.calls.executedBatch);
});
