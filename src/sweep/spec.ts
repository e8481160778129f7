import * as z from 'zod';
import { exactlyOne, onlyBeside } from '../base/document/json-rules.js';
import { type CheckedDocument, parseDocumentWith } from '../base/document.js';
import { count, filePath, name, seed } from '../scenario/spec/values.js';
import { MOST_DIMENSIONS } from './halton.js';

/** More points than this are more than anyone waits for; shards do not change that. */
export const MOST_POINTS = 100_000;

/** What an axis may change by a word of its own; every other word is the path of a field. */
export const NAMED_FIELDS = [
  'gpu',
  'instances',
  'maxBatchSize',
  'queueDelayUs',
  'sharing',
  'loadScale',
  'seed',
] as const;
export type NamedField = (typeof NAMED_FIELDS)[number];

const fieldText = z
  .string()
  .min(1, 'is empty; write the path of a field')
  .max(1000, 'is too long for a path');

const rangeSchema = z
  .strictObject({
    from: z.number().describe('Lowest value.'),
    to: z.number().describe('Highest value.'),
    scale: z
      .enum(['linear', 'log'])
      .default('linear')
      .describe('Whether steps are equal differences or equal ratios.'),
    steps: z
      .int('is not a whole number; round it')
      .min(2, 'is too small; write 2 or more')
      .max(MOST_POINTS, `is too large; write at most ${MOST_POINTS}`)
      .exactOptional()
      .describe(
        'Values from end to end, both included. Needed for a grid; other designs draw from the whole range.',
      ),
    wholeNumbers: z.boolean().default(false).describe('Round to whole numbers.'),
  })
  .refine(({ from, to }) => to > from, { path: ['to'], error: 'is not above from; write a larger number' })
  .refine(({ from, scale }) => scale === 'linear' || from > 0, {
    path: ['from'],
    error: 'must be above 0 on a log scale; write more than 0, or scale: linear',
  });

const axisSchema = z
  .strictObject({
    name: name.describe('Column of the results; a plain word can be used under where.'),
    vary: z
      .union([fieldText, z.array(fieldText).min(1, 'is empty; write paths of fields')])
      .exactOptional()
      .describe(
        `What changes: ${NAMED_FIELDS.join(', ')}, or the path of any field of the scenario such as servers.t4.models.resnet50.config.max_batch_size (names stand for entries of lists, * for all of them); several paths get the same value.`,
      ),
    of: z
      .array(name)
      .min(1, 'is empty; leave it out for all')
      .exactOptional()
      .describe(
        'Models (instances, maxBatchSize, queueDelayUs), servers (gpu, sharing) or tenants (loadScale) that change. Default: all.',
      ),
    values: z
      .array(z.unknown())
      .min(1, 'is empty; write at least one value')
      .max(10_000, 'has too many values')
      .exactOptional()
      .describe('What the field is set to, one after the other.'),
    range: rangeSchema.exactOptional().describe('Numbers between two ends, instead of values.'),
    choices: z
      .record(name, z.record(fieldText, z.unknown()))
      .refine((choices) => Object.keys(choices).length > 0, 'is empty; write at least one choice')
      .exactOptional()
      .describe(
        'Several fields that change together, by the name of the choice: who sits where, for example.',
      ),
  })
  .superRefine((axis, context) => {
    const add = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
    const written = (['values', 'range', 'choices'] as const).filter((key) => axis[key] !== undefined);
    if (written.length === 0) add([], 'has no values; write one of values, range or choices');
    for (const extra of written.slice(1)) add([extra], `is given beside ${written[0]}; keep one of them`);
    if (axis.choices === undefined) {
      if (axis.vary === undefined) add([], 'does not say what changes; write vary');
    } else if (axis.vary !== undefined) {
      add(['vary'], 'is given beside choices, which name their fields; remove it');
    }
    const isNamed = NAMED_FIELDS.some((word) => word === axis.vary);
    if (axis.of !== undefined && (!isNamed || axis.vary === 'seed')) {
      add(
        ['of'],
        `has a meaning only with ${NAMED_FIELDS.filter((word) => word !== 'seed').join(', ')}; remove it`,
      );
    }
  })
  .meta({
    allOf: [exactlyOne('values', 'range', 'choices'), exactlyOne('vary', 'choices')],
    ...onlyBeside('vary', 'of'),
  });

const designSchema = z
  .union([
    z.literal('grid'),
    z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('grid') }),
      z.strictObject({
        kind: z.enum(['random', 'halton']).describe('random, or halton: spread evenly.'),
        points: count(MOST_POINTS).describe('How many; each runs under every value of an axis of seeds.'),
        seed: seed.default(1).describe('Which points are drawn follows from it.'),
      }),
    ]),
  ])
  .transform((design) => (design === 'grid' ? ({ kind: 'grid' } as const) : design));

/** A sweep file as it is written: YAML or JSON. */
export const sweepSpecSchema = z
  .strictObject({
    perseus: z.literal(1, 'is no version of this format; write 1').describe('Version of this format.'),
    name: name.describe('What reports call it; results go to results/NAME.'),
    scenario: filePath.describe('The scenario that the axes change.'),
    set: z
      .record(fieldText, z.unknown())
      .default({})
      .describe('Fields that every point changes, by their paths, before the axes.'),
    ask: name
      .exactOptional()
      .describe(
        'The axis that the sweep asks about: the answer and the charts compare its values. Default: the first axis of words.',
      ),
    axes: z
      .array(axisSchema)
      .min(1, 'is empty; write at least one axis')
      .max(MOST_DIMENSIONS, `has more axes than anyone looks at; write at most ${MOST_DIMENSIONS}`)
      .describe('The last one changes fastest.'),
    where: z
      .array(z.string().max(1000, 'is too long for a condition'))
      .default([])
      .describe(
        "Conditions on the axes that a point must fulfil, such as instances * batch <= 64 or gpu == 'Tesla T4'.",
      ),
    design: designSchema
      .prefault('grid')
      .describe(
        'grid: every combination; random and halton (spread evenly, low discrepancy): so many points.',
      ),
  })
  .superRefine(({ ask, axes }, context) => {
    if (ask === undefined) return;
    const asked = axes.find(({ name }) => name === ask);
    const others = axes.filter(({ vary }) => vary !== 'seed').map(({ name }) => name);
    const remedy = `write one of ${others.join(', ')}, or leave it out`;
    if (asked === undefined)
      context.addIssue({ code: 'custom', path: ['ask'], message: `names no axis; ${remedy}` });
    else if (asked.vary === 'seed')
      context.addIssue({
        code: 'custom',
        path: ['ask'],
        message: `names the axis of seeds, which are averaged over; ${remedy}`,
      });
  });

export type SweepSpec = z.output<typeof sweepSpecSchema>;
export type AxisSpec = SweepSpec['axes'][number];
export type RangeSpec = NonNullable<AxisSpec['range']>;
export type DesignSpec = SweepSpec['design'];
export type SweepDocument = CheckedDocument<SweepSpec>;

/** Reads the text of a sweep file. Never throws: what is wrong is in `problems`. */
export function parseSweepSpec(text: string, options: { readonly file?: string } = {}): SweepDocument {
  return parseDocumentWith(sweepSpecSchema, text, { ...options, kind: 'sweep' });
}

/** Name of the axis that varies the seed alone: points that differ only in it are replications. */
export function seedAxisOf({ axes }: SweepSpec): string | undefined {
  return axes.find(({ vary }) => String(vary) === 'seed')?.name;
}

/** What axes count: the fields that they vary say it with the end of their names. */
export function axisUnits({ axes }: SweepSpec): Readonly<Record<string, string>> {
  const units = axes.flatMap(({ name, vary }) => {
    const unit = UNITS.find(([end]) => [vary].flat().every((path) => path?.endsWith(end)))?.[1];
    return unit === undefined ? [] : [[name, unit] as const];
  });
  return Object.fromEntries(units);
}

const UNITS = [
  ['loadScale', 'times that of the scenario'],
  ['PerS', 'per second'],
  ['Us', 'µs'],
  ['microseconds', 'µs'],
  ['Ms', 'ms'],
] as const;

/** Names of the axes that change nothing but how much load there is: conditions, which nobody chooses between. */
export function loadAxesOf({ axes }: SweepSpec): string[] {
  const isLoad = (path: string) => path === 'loadScale' || /^tenants\b.*\bload\b/.test(path);
  return axes
    .filter(({ vary, choices }) =>
      vary === undefined
        ? Object.values(choices ?? {}).every((fields) => Object.keys(fields).every(isLoad))
        : [vary].flat().every(isLoad),
    )
    .map(({ name }) => name);
}
