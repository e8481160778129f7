import { groupBy } from '../../src/base/group-by.js';
import { A100_SLICES, PARVAGPU_SOURCE, sliceKind } from '../profiles/source-names.js';
import { choiceAxis, writtenHead, writtenScenario } from '../support/written-files.js';
import type { MigPoint, MigReproduction } from './reproduction.js';

/** Latencies that a run lasts at least. */
const ROUNDS = 40;

/** Below the folder of results: a scenario that plays one cell of a model, and a sweep that plays all. */
export function modelPaths(model: string) {
  return { scenario: `scenarios/${model}.yaml`, sweep: `sweeps/${model}.yaml` };
}

/** Two files for each model that shipped profiles predict, by path below the folder of results. */
export function scenarioFiles({ points, isShipped }: MigReproduction): ReadonlyMap<string, string> {
  const latencies = points.filter(({ metric }) => metric === 'latencyMs');
  const models = isShipped ? [...new Set(latencies.map(({ model }) => model))] : [];
  return new Map(
    models.flatMap((model) => {
      const cells = latencies.filter((point) => point.model === model);
      const { scenario, sweep } = modelPaths(model);
      return [[scenario, scenarioText(model, cells)] as const, [sweep, sweepText(model, cells)] as const];
    }),
  );
}

type Run = Pick<MigPoint, 'model' | 'slice' | 'batchSize' | 'processes'>;

/** Servers and tenants of a scenario: processes that execute one batch after the other, each with an instance, under MPS. */
export function processesOf({ model, slice, batchSize, processes }: Run) {
  const sharing = { mode: 'mps', shares: { [model]: 1 } };
  const config = { max_batch_size: batchSize, instance_group: [{ kind: 'KIND_GPU', count: processes }] };
  return {
    servers: [
      {
        name: 'server',
        triton: { batcherWakeUs: 0, instancePickUpUs: 0 },
        devices: [{ name: 'slice', kind: sliceKind(slice), sharing }],
        models: [{ name: model, config }],
      },
    ],
    tenants: [{ name: 'processes', model, batchSize, load: { closedLoop: { concurrency: processes } } }],
  };
}

function scenarioText(model: string, cells: readonly MigPoint[]): string {
  const { slice, batchSize, processes, measured } = cells[0]!;
  const longestMs = Math.max(...cells.map(({ predicted }) => predicted));
  const document = {
    perseus: 1,
    name: `mig-${model}`,
    // Nothing is drawn: any length of some latencies gives the same.
    durationS: Number(((ROUNDS * longestMs) / 1000).toPrecision(2)),
    profiles: Object.values(A100_SLICES).map((each) => `shipped:a100-80gb-mig-${each}`),
    ...processesOf(cells[0]!),
    measured: [{ tenant: 'processes', metric: 'meanMs', value: measured, source: PARVAGPU_SOURCE }],
  };
  const about = `${processes} processes of ${model} on a slice ${slice}, batch ${batchSize}.`;
  return writtenScenario('mig', [about], document);
}

function sweepText(model: string, cells: readonly MigPoint[]): string {
  const cellOf = ({ slice, batchSize }: MigPoint) => `${slice} batch ${batchSize}`;
  const counts = [...new Set(cells.map(({ processes }) => processes))].sort((a, b) => a - b);
  const groups = [...groupBy(cells, cellOf)];
  const choices = groups.map(([cell, [first]]) => {
    const { slice, batchSize } = first!;
    const fields = {
      'servers.0.devices.0.kind': sliceKind(slice),
      'servers.0.models.0.config.max_batch_size': batchSize,
      'tenants.0.batchSize': batchSize,
    };
    return [cell, fields] as const;
  });
  const missing = groups.flatMap(([cell, own]) =>
    counts
      .filter((count) => own.every(({ processes }) => processes !== count))
      .map((count) => `  - not (cell == '${cell}' and processes == ${count})\n`),
  );
  return `${writtenHead('mig', [`${cells.length} cells of ${model}.`])}perseus: 1
name: mig-${model}
scenario: ../${modelPaths(model).scenario}
set: {measured: []}
axes:
${choiceAxis('cell', choices)}  - name: processes
    vary: [servers.0.models.0.config.instance_group.0.count, tenants.0.load.closedLoop.concurrency]
    values: [${counts.join(', ')}]
${missing.length === 0 ? '' : `where:\n${missing.join('')}`}`;
}
