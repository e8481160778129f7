import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { mean, quantileSorted } from 'simple-statistics';
import { stringify } from 'yaml';
import { loadScenario } from '../../src/node/scenario/scenario-files.js';
import type { ClientSpec } from '../../src/scenario/spec/tenant-spec.js';
import { simulate } from '../../src/simulator/simulate.js';
import { Outcome, type RequestLog } from '../../src/trace/request-log.js';
import { inTemporaryFolder } from '../support/temporary-folder.js';
import { configText } from '../triton/config-text.js';
import { MODELS } from './cases.js';
import type { MeasuredRow } from './rows.js';

/** The figures of a case that are predicted. */
export const FIGURES = [
  'throughputPerS',
  'meanBatch',
  'executionMs',
  'meanMs',
  'p50Ms',
  'p95Ms',
  'p99Ms',
] as const;

export type Figures = Readonly<Record<(typeof FIGURES)[number], number>>;

const DURATION_S = 25;
const WARM_UP_S = 1;

/** What the simulator says of so many closed-loop clients of a model that cases name, as `perseus simulate` would. */
export async function predict(
  { model, clients }: Pick<MeasuredRow, 'model' | 'clients'>,
  client: ClientSpec,
  profiles: string,
): Promise<Figures> {
  const served = MODELS.find(({ name }) => name === model)!;
  return inTemporaryFolder(async (folder) => {
    await writeFile(join(folder, 'config.pbtxt'), configText(served));
    const file = join(folder, 'scenario.yaml');
    await writeFile(
      file,
      stringify({
        perseus: 1,
        name: `${clients} clients of ${model}`,
        durationS: DURATION_S,
        warmUpS: WARM_UP_S,
        profiles: [resolve(profiles)],
        servers: [
          { name: 'triton', models: [{ name: model, profile: served.profile, config: 'config.pbtxt' }] },
        ],
        tenants: [{ name: 'clients', model, load: { closedLoop: { concurrency: clients, client } } }],
      }),
    );
    return figuresOf((await loadScenario(file)).scenario);
  });
}

function figuresOf(scenario: Parameters<typeof simulate>[0]): Figures {
  const { log, executions } = simulate(scenario);
  const ended = [...log.outcome.keys()].filter(
    (row) => log.outcome[row] === Outcome.completed && log.sentUs[row]! >= WARM_UP_S * 1e6,
  );
  const latencies = ended.map((row) => (log.endedUs[row]! - log.sentUs[row]!) / 1000).sort((a, b) => a - b);
  const counts = [...executions[0]!.byBatchSize];
  const all = counts.reduce((sum, count) => sum + count, 0);
  return {
    throughputPerS: latencies.length / (DURATION_S - WARM_UP_S),
    meanBatch: counts.reduce((sum, count, size) => sum + count * size, 0) / all,
    executionMs: meanExecutionMs(log.calls),
    meanMs: latencies.reduce((sum, ms) => sum + ms, 0) / latencies.length,
    p50Ms: quantileSorted(latencies, 0.5),
    p95Ms: quantileSorted(latencies, 0.95),
    p99Ms: quantileSorted(latencies, 0.99),
  };
}

/** Mean time of an execution with its inputs and outputs, as a server counts it. */
function meanExecutionMs({ execution, inputUs, inferUs, outputUs }: RequestLog['calls']): number {
  const timesUs = new Map<number, number>();
  for (const [call, number] of execution.entries()) {
    const us = inputUs[call]! + inferUs[call]! + outputUs[call]!;
    if (number >= 0 && us > 0) timesUs.set(number, us);
  }
  return mean([...timesUs.values()]) / 1000;
}
