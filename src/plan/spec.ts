import * as z from 'zod';
import { SHARING_MODES } from '../profile/schema.js';
import { MOST_GPUS } from '../scenario/limits.js';
import { neighbourSlowdownSchema } from '../scenario/spec/device-spec.js';
import { type ReadDocument, readDocument } from '../scenario/spec/read-document.js';
import { servedModelSchema, serverSchema } from '../scenario/spec/server-spec.js';
import { TENANT_RULES } from '../scenario/spec/tenant-rules.js';
import { tenantSchema } from '../scenario/spec/tenant-spec.js';
import {
  aboveZero,
  count,
  filePath,
  milliseconds,
  name,
  seconds,
  secondsAboveZero,
  seed,
} from '../scenario/spec/values.js';
import { modelConfigFieldsSchema } from '../scenario/triton/fields-schema.js';

/** How a GPU may be divided among models; `exclusive` gives it to one, whose instances run as streams on it. */
export type SharingMode = (typeof SHARING_MODES)[number];

const machineKindSchema = z.strictObject({
  name: name.describe('Name of the kind of machine; servers are named after it.'),
  gpu: name.describe(
    'Kind of GPU as the profiles name it, e.g. Tesla T4; CPU for hosts on whose cores models run.',
  ),
  gpus: count(MOST_GPUS).default(1).describe('GPUs in one machine.'),
  memoryMb: aboveZero
    .max(1e9, 'is no memory of a device')
    .exactOptional()
    .describe('Memory of one GPU in MiB. Default: what the kind has, where it is known; no limit on a host.'),
  machine: serverSchema.shape.machine.describe('What it is rented as; the goal cost needs it.'),
  cpuCores: aboveZero
    .max(100_000, 'is no number of cores')
    .exactOptional()
    .describe(
      'Host cores of one machine, divided among its GPUs (and MIG slices, as memory is). Default: the host never limits; where models run on it, it has the cores of the one that was measured.',
    ),
  network: serverSchema.shape.network.describe(
    'Way between clients and one machine. Bandwidth is divided among its GPUs (and MIG slices, as memory is).',
  ),
  triton: serverSchema.shape.triton.describe(
    'Every Triton server on such a machine: one for each GPU in use, or MIG slice.',
  ),
  limit: count(10_000).default(1000).describe('Most machines of this kind.'),
  sharing: z
    .array(z.enum(SHARING_MODES))
    .min(1, 'is empty; write at least one of exclusive, streams, timeSlices, mps, mig')
    .default(['exclusive', 'streams'])
    .describe(
      'How its GPUs may be divided among models. A MIG slice serves one model, and with streams in the list several.',
    ),
  migSlices: z
    .array(name)
    .min(1, 'is empty; leave it out for every slice of which there are profiles')
    .exactOptional()
    .describe('Slices that may be made, where sharing holds mig. Default: those with profiles.'),
  neighbourSlowdown: neighbourSlowdownSchema.exactOptional(),
});

/** Triton takes no part of a microsecond. */
const wholeMicroseconds = milliseconds.refine((ms) => Math.abs(ms * 1000 - Math.round(ms * 1000)) < 1e-6, {
  message: 'has a part of a microsecond; write at most three decimal places',
});

const batchingSchema = z.strictObject({
  maxBatchSizes: z
    .array(count(4096))
    .min(1, 'is empty; write at least one size')
    .max(16, 'has too many sizes; write at most 16')
    .exactOptional()
    .describe(
      'max_batch_size that a model may be served with. Default: 1, 4, 8, 16 and 32; each model up to the largest batch that it was measured with, or that a request needs.',
    ),
  queueDelaysMs: z
    .array(wholeMicroseconds)
    .min(1, 'is empty; write at least one delay, 0 for none')
    .max(8, 'has too many delays; write at most 8')
    .default([0])
    .describe('Queue delays that it may be served with.'),
  instances: z
    .array(count(32))
    .min(1, 'is empty; write at least one number')
    .max(8, 'has too many numbers; write at most 8')
    .default([1])
    .describe('Instances on one device that it may be served with.'),
});

const daysSchema = z.strictObject({
  count: count(100).describe(
    'Days besides the one given: new draws, or traces put together from blocks of it.',
  ),
  blockS: secondsAboveZero
    .exactOptional()
    .describe(
      'Length of the blocks of which a trace is put together anew, at most a quarter of durationS. Default: a tenth.',
    ),
});

/** Of a plan, those of its table included. */
export const MOST_TENANTS = 2000;

const plannedModelSchema = z.strictObject({
  name: name.describe('Name of the model in its repository, as tenants and ensembles use it.'),
  profile: z
    .union([name, z.array(name).min(1, 'is empty; write at least one name').max(16, 'has too many names')])
    .exactOptional()
    .describe(
      'Model name in the profiles, or several where each kind of GPU has another. Default: the name of the model.',
    ),
  memoryMb: aboveZero
    .max(1e9, 'is no size')
    .exactOptional()
    .describe(
      'MiB that it takes of a GPU, with the KV cache of an engine. Default: what the profiles say; an engine of which they do not know it is alone on its GPU.',
    ),
  config: z
    .union([filePath, modelConfigFieldsSchema])
    .exactOptional()
    .describe(
      "Path of its config.pbtxt, or the same fields inline. No batch is larger than its max_batch_size; models of KIND_CPU run on the host's cores beside a GPU; an ensemble's steps stay on one server. The plan decides batch sizes, delays and instances.",
    ),
  calls: servedModelSchema.shape.calls,
  overlapping: servedModelSchema.shape.overlapping,
  responses: servedModelSchema.shape.responses,
  iterations: servedModelSchema.shape.iterations,
  engine: servedModelSchema.shape.engine,
});

/** A plan file as it is written: what is to be served, on what it may run, and what counts. */
export const planSpecSchema = z
  .strictObject({
    plan: z.literal(1, 'is no version of this format; write 1').describe('Version of this format.'),
    name: name.describe('What reports call it.'),
    seed: seed.default(1).describe('Everything random is drawn from it.'),
    durationS: secondsAboveZero.default(60).describe('Length of every simulated run.'),
    warmUpS: seconds
      .exactOptional()
      .describe('Requests planned before this are not counted. Default: a tenth.'),
    profiles: z
      .array(filePath)
      .min(1, 'is empty; write profile files or folders of them')
      .describe('Profile files, folders of *.profile.json, or those that perseus ships, such as shipped:t4.'),
    prices: filePath.exactOptional().describe('Price book. Default: the one that perseus ships.'),
    goal: z
      .enum(['cost', 'gpus'])
      .default('cost')
      .describe('What is to be as small as can be. A host without GPUs counts as one.'),
    marginPercent: z
      .number()
      .min(0, 'is negative; write by how much slower than measured a machine may be')
      .max(1000, 'is more than any machine differs; write at most 1000')
      .default(0)
      .describe(
        'Everything is planned to take so many percent longer than its profile says: shared machines are slower at one time than at another. Default: 0.',
      ),
    survive: z
      .enum(['nothing', 'gpu', 'machine'])
      .default('nothing')
      .describe('Every SLO is met also while any one of these is lost.'),
    machines: z
      .array(machineKindSchema)
      .min(1, 'is empty; write at least one kind of machine')
      .describe('Kinds of machines that may be rented.'),
    models: z
      .array(plannedModelSchema)
      .min(1, 'is empty; leave it out where models have the names of their profiles')
      .max(2000, 'has too many models; write at most 2000')
      .exactOptional()
      .describe(
        "Models of a repository: which profile each has, and its configuration. Default: tenants' models have the names of profiles.",
      ),
    batching: batchingSchema.prefault({}).describe('Settings among which each model gets its own.'),
    mostReplicas: count(256).default(16).describe('Most devices that serve one model.'),
    days: daysSchema
      .exactOptional()
      .describe('Every SLO is met on each of several days. Default: on the one given.'),
    current: filePath.exactOptional().describe('Scenario file of the placement as it is now.'),
    tenants: z
      .array(tenantSchema.omit({ servers: true, routing: true, sharedMemory: true }))
      .max(MOST_TENANTS, `has too many tenants; write at most ${MOST_TENANTS}`)
      .default([])
      .describe('What is to be served, as in a scenario but for servers and routing.'),
    tenantsFile: filePath.exactOptional().describe('CSV table of more tenants, one a row.'),
  })
  .refine(({ tenants, tenantsFile }) => tenants.length > 0 || tenantsFile !== undefined, {
    path: ['tenants'],
    message: 'is empty; write at least one tenant',
  })
  .meta({ anyOf: [{ required: ['tenants'] }, { required: ['tenantsFile'] }] });

export type PlanSpec = z.output<typeof planSpecSchema>;
/** What may be lost while every SLO is met. */
export type Survive = PlanSpec['survive'];
export type MachineKindSpec = PlanSpec['machines'][number];
export type PlanTenantSpec = PlanSpec['tenants'][number];
/** A plan file as it was read, before its parts are checked against each other. */
export type PlanDocument = ReadDocument<PlanSpec>;

/** Reads the text of a plan file. Never throws: what is wrong is in `problems`. */
export function parsePlanSpec(text: string, options: { readonly file?: string } = {}): PlanDocument {
  return readDocument(planSpecSchema, TENANT_RULES, text, { ...options, kind: 'plan' });
}
