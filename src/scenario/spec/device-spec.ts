import * as z from 'zod';
import { notBoth } from '../../base/document/json-rules.js';
import { isMigSlice } from '../mig.js';
import { aboveZero, atLeastZero, microseconds, name } from './values.js';

const timeSlices = z.strictObject({
  mode: z.literal('timeSlices'),
  switchOverhead: atLeastZero
    .lt(1, 'must leave time to run; write less than 1')
    .default(0)
    .describe('Part of the time lost to switching while more than one execution runs.'),
  quantumUs: microseconds
    .min(1, 'is too short; write 1 or more')
    .exactOptional()
    .describe('Turns of this length instead of an ideal even share.'),
});

const mps = z.strictObject({
  mode: z.literal('mps'),
  shares: z
    .record(name, aboveZero.max(1, 'is more than the device; write at most 1'))
    .describe(
      'Most of the multiprocessors that each model may use, 0 to 1. Without limits, as MPS starts: 1 for each.',
    ),
});

/** Modes that need no settings may be written as a word. */
const PLAIN_MODES = ['exclusive', 'streams', 'timeSlices'] as const;

/** Words of a plan that say too little in a scenario. */
const tooLittle = {
  error: ({ input }: { readonly input?: unknown }) => {
    const { mode = input, shares } = (input ?? {}) as { readonly mode?: unknown; readonly shares?: unknown };
    if (mode === 'mig') return 'mig needs its slices; write mig: [1g.10gb, …] in place of sharing';
    if (mode !== 'mps' || shares !== undefined) return undefined;
    return 'mps needs the share of each model; write {mode: mps, shares: {MODEL: 0.5, …}}';
  },
};

const sharingSchema = z
  .union(
    [
      z.enum(PLAIN_MODES),
      z.discriminatedUnion(
        'mode',
        [
          z.strictObject({ mode: z.literal('exclusive') }),
          z.strictObject({ mode: z.literal('streams') }),
          timeSlices,
          mps,
        ],
        tooLittle,
      ),
    ],
    tooLittle,
  )
  .transform((sharing) => {
    if (typeof sharing !== 'string') return sharing;
    return sharing === 'timeSlices' ? { mode: sharing, switchOverhead: 0 } : { mode: sharing };
  })
  .describe('How executions share the device. Default: streams, as one Triton process does.');

/** Of a slice here, of a kind of machine in a plan. */
export const neighbourSlowdownSchema = z
  .number()
  .min(1, 'is below 1: a neighbour makes nobody faster')
  .max(2, 'is above 2, what processes that share a GPU cost each other')
  .describe(
    'How many times as long executions on a MIG slice take while other slices of its GPU are busy. Default: what was measured of the kind of GPU.',
  );

export const deviceSchema = z
  .strictObject({
    name: name.describe('Name of the GPU, as reports use it.'),
    kind: name.describe('Kind of GPU as the profiles name it, e.g. Tesla T4.'),
    memoryMb: aboveZero
      .max(1e9, 'is no memory of a device')
      .exactOptional()
      .describe(
        'Device memory in MiB as nvidia-smi shows it. Default: what the kind has, where it is known.',
      ),
    sharing: sharingSchema.exactOptional(),
    mig: z
      .array(name)
      .min(1, 'is empty; write slices such as 1g.10gb')
      .max(8, 'has more slices than any GPU')
      .exactOptional()
      .describe('Slices of a multi-instance GPU; each becomes a device of its own, in this order.'),
    neighbourSlowdown: z
      .union([neighbourSlowdownSchema, z.literal('measured')])
      .exactOptional()
      .describe(
        'How many times as long executions on a MIG slice take where another slice of its GPU serves a model, busy or not. Default: measured, as its kind of GPU was; a slice listed as a device by itself has no neighbours.',
      ),
  })
  .refine(
    ({ neighbourSlowdown, mig, kind }) =>
      neighbourSlowdown === undefined || mig !== undefined || isMigSlice(kind),
    { path: ['neighbourSlowdown'], error: 'is of MIG slices only; write mig, or leave it out' },
  )
  .refine((device) => device.mig === undefined || device.sharing === undefined, {
    path: ['sharing'],
    error: 'is decided by mig; remove one of the two',
  })
  .meta(notBoth('mig', 'sharing'));

export type SharingSpec = z.output<typeof sharingSchema>;
export type DeviceSpec = z.output<typeof deviceSchema>;
