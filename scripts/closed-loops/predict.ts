import { mean, quantileSorted } from 'simple-statistics';
import type { ModelProfile } from '../../src/profile/profile.js';
import type { Scenario } from '../../src/scenario/scenario.js';
import type { ClientSpec } from '../../src/scenario/spec/tenant-spec.js';
import { simulate } from '../../src/simulator/simulate.js';
import { Outcome, type RequestLog } from '../../src/trace/request-log.js';
import { checkedScenario } from '../support/checked-scenario.js';
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
export function predict(
  { model, clients }: Pick<MeasuredRow, 'model' | 'clients'>,
  client: ClientSpec,
  profiles: readonly ModelProfile[],
): Figures {
  const served = MODELS.find(({ name }) => name === model)!;
  const config = 'config.pbtxt';
  const fields = {
    ...{ name: `${clients} clients of ${model}`, durationS: DURATION_S, warmUpS: WARM_UP_S },
    servers: [{ name: 'triton', models: [{ name: model, profile: served.profile, config }] }],
    tenants: [{ name: 'clients', model, load: { closedLoop: { concurrency: clients, client } } }],
  };
  return figuresOf(checkedScenario(fields, profiles, { [config]: configText(served) }));
}

function figuresOf(scenario: Scenario): Figures {
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
