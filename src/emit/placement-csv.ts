import { csvOf } from '../base/csv.js';
import { CPU_KIND } from '../profile/host-cores.js';
import { withCalled } from '../scenario/composition.js';
import type { Scenario, ServedModel, Server } from '../scenario/scenario.js';

const COLUMNS = [
  'server',
  'machine',
  'usd_per_hour',
  'device',
  'device_kind',
  'model',
  'instances',
  'max_batch_size',
  'preferred_batch_sizes',
  'max_queue_delay_us',
  'max_queue_size',
  'tenants',
] as const;

/**
 * Who sits where: one row for each model on each device of each server (replicas written out), as CSV. Tenants are those whose
 * requests reach the model, through other models, too.
 */
export function placementCsv(scenario: Scenario): string {
  const rows = scenario.servers.flatMap((server, s) =>
    server.models.flatMap((model, m) => {
      const tenants = scenario.tenants.filter(({ targets }) =>
        targets.some(
          (target) => target.server === s && withCalled(server.models, [target.model]).includes(m),
        ),
      );
      return modelRows(server, model, tenants.map(({ name }) => asWord(name)).join(' '));
    }),
  );
  return csvOf(COLUMNS, rows);
}

/** A name among others in one cell: in quotes, as JSON writes it, where a blank in it would look like the end of it. */
function asWord(name: string): string {
  return /[\s"]/.test(name) ? JSON.stringify(name) : name;
}

function modelRows(server: Server, { config, instances }: ServedModel, tenants: string) {
  const batching = config.dynamicBatching;
  return [...new Set(instances.map(({ device }) => device))].map((device) => [
    server.name,
    server.machine.kind,
    server.machine.usdPerHour,
    server.devices[device]?.name ?? 'host CPU',
    server.devices[device]?.kind ?? CPU_KIND,
    config.name,
    instances.filter((instance) => instance.device === device).length,
    config.maxBatchSize,
    batching?.preferredBatchSizes.join(' '),
    batching?.maxQueueDelayUs,
    batching?.defaultQueuePolicy.maxQueueSize,
    tenants,
  ]);
}
