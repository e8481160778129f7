import { InputError } from '../base/problem.js';
import { suggest } from '../scenario/check/findings.js';
import { scaledProcess } from '../trace/synthesis/scaled-process.js';
import type { GpuChoice } from './gpu-choice.js';
import { copyPlain, isRecord, type Plain, type PlainRecord, recordsAt } from './plain.js';
import type { NamedField } from './spec.js';

/** Changes a scenario document in place. `of`: names of the models, servers or tenants meant; absent = all. */
export type NamedChange = (document: PlainRecord, value: Plain, of: readonly string[] | undefined) => void;

/** What the words that an axis may vary do to a scenario. */
export const NAMED_CHANGES: Readonly<Record<NamedField, NamedChange>> = {
  gpu: (document, value, of) => setGpu(document, value as unknown as GpuChoice, of),
  instances: (document, value, of) => {
    for (const config of executingOf(document, of)) setInstances(config, value);
  },
  maxBatchSize: (document, value, of) => {
    for (const config of configsOf(document, of)) setMaxBatchSize(config, value);
  },
  queueDelayUs: (document, value, of) => {
    for (const config of executingOf(document, of)) batcherOf(config)['max_queue_delay_microseconds'] = value;
  },
  sharing: (document, value, of) => {
    for (const device of devicesOf(document, of)) device['sharing'] = copyPlain(value);
  },
  loadScale: (document, value, of) => {
    for (const tenant of chosen(recordsAt(document, 'tenants'), of, 'tenant'))
      if (typeof value === 'number') scaleLoad(recordAt(tenant, 'load'), value);
  },
  seed: (document, value) => {
    document['seed'] = value;
  },
};

/** Every group of instances gets so many; where none is written, Triton's default group does. */
function setInstances(config: PlainRecord, count: Plain): void {
  const groups = config['instance_group'];
  if (!Array.isArray(groups) || groups.length === 0) config['instance_group'] = [{ count }];
  else for (const group of groups) if (isRecord(group) && group['passive'] !== true) group['count'] = count;
}

/** Preferred sizes that no longer fit are left out, as Triton refuses them. */
function setMaxBatchSize(config: PlainRecord, value: Plain): void {
  config['max_batch_size'] = value;
  const batching = config['dynamic_batching'];
  if (!isRecord(batching) || !Array.isArray(batching['preferred_batch_size'])) return;
  // What is no number stays, for the check of the scenario to tell.
  const isLarger = (size: Plain) => typeof size === 'number' && typeof value === 'number' && size > value;
  const fitting = batching['preferred_batch_size'].filter((size) => !isLarger(size));
  if (fitting.length > 0) batching['preferred_batch_size'] = fitting;
  else delete batching['preferred_batch_size'];
}

/** Rates of a process, the rate of a trace, or the closed-loop clients of a closed loop. */
function scaleLoad(load: PlainRecord, factor: number): void {
  const { process, trace, closedLoop } = load;
  if (isRecord(process)) load['process'] = scaledProcess(process, factor);
  if (isRecord(trace)) scaleAt(trace, 'scaleRate', 1, (rate) => rate * factor);
  if (isRecord(closedLoop))
    scaleAt(closedLoop, 'concurrency', undefined, (clients) => Math.max(1, Math.round(clients * factor)));
}

/** What is no number stays as it is, for the check of the scenario to tell. */
function scaleAt(
  holder: PlainRecord,
  key: string,
  usual: number | undefined,
  scale: (value: number) => number,
): void {
  const value = holder[key] ?? usual;
  if (typeof value === 'number') holder[key] = scale(value);
}

/** Another kind of GPU: its name, its memory, the machine it comes in, and the profiles measured on it. */
function setGpu(document: PlainRecord, gpu: GpuChoice, of: readonly string[] | undefined): void {
  for (const server of chosen(recordsAt(document, 'servers'), of, 'server')) {
    if (gpu.machine !== undefined) server['machine'] = copyPlain(gpu.machine);
    for (const device of recordsAt(server, 'devices')) {
      device['kind'] = gpu.kind;
      if (gpu.memoryMb === undefined) delete device['memoryMb'];
      else device['memoryMb'] = gpu.memoryMb;
    }
    for (const model of recordsAt(server, 'models')) {
      const { name } = model;
      if (typeof name === 'string' && gpu.models !== undefined && Object.hasOwn(gpu.models, name))
        model['profile'] = gpu.models[name]!;
    }
  }
  const profiles = document['profiles'] ?? [];
  if (Array.isArray(profiles)) document['profiles'] = [...new Set([...profiles, ...(gpu.profiles ?? [])])];
}

/** Configurations of the models of these names, on every server that has them. */
function configsOf(document: PlainRecord, of: readonly string[] | undefined): PlainRecord[] {
  const models = recordsAt(document, 'servers').flatMap((server) => recordsAt(server, 'models'));
  return chosen(models, of, 'model').map((model) => recordAt(model, 'config'));
}

/** Ensembles execute nothing, and are meant only where they are named. */
function executingOf(document: PlainRecord, of: readonly string[] | undefined): PlainRecord[] {
  const isMeant = ({ platform }: PlainRecord) => of !== undefined || platform !== 'ensemble';
  return configsOf(document, of).filter(isMeant);
}

/** The part of a configuration that says how long a batch waits. */
function batcherOf(config: PlainRecord): PlainRecord {
  const sequences = config['sequence_batching'];
  if (!isRecord(sequences)) return recordAt(config, 'dynamic_batching');
  return recordAt(sequences, isRecord(sequences['oldest']) ? 'oldest' : 'direct');
}

function devicesOf(document: PlainRecord, of: readonly string[] | undefined): PlainRecord[] {
  return chosen(recordsAt(document, 'servers'), of, 'server').flatMap((server) =>
    recordsAt(server, 'devices'),
  );
}

function chosen(
  entries: readonly PlainRecord[],
  of: readonly string[] | undefined,
  what: string,
): PlainRecord[] {
  if (of === undefined) return [...entries];
  const names = new Set(entries.flatMap(({ name }) => (typeof name === 'string' ? [name] : [])));
  const missing = of.find((name) => !names.has(name));
  if (missing !== undefined)
    throw InputError.of(`there is no ${what} "${missing}"`, suggest(missing, [...names]));
  return entries.filter(({ name }) => of.some((wanted) => wanted === name));
}

function recordAt(holder: PlainRecord, key: string): PlainRecord {
  const found = holder[key];
  if (isRecord(found)) return found;
  const made = Object.create(null) as PlainRecord;
  holder[key] = made;
  return made;
}
