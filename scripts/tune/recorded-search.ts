import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { type Candidate, candidateKey, type TuneSpace } from '../../src/plan/tune/space.js';

const configuration = z.strictObject({
  /** By model. */
  models: z.record(
    z.string(),
    z.strictObject({ instances: z.int().positive(), maxBatchSize: z.int().positive() }),
  ),
  concurrency: z.int().positive(),
});

const recordedSearch = z.strictObject({
  tool: z.string(),
  seconds: z.number().positive(),
  /** The configuration that it ranked first. */
  choice: configuration,
  /** What it measured on its way: all of it, also what it rejected. */
  points: z
    .array(
      configuration.extend({
        measured: z.record(
          z.string(),
          z.strictObject({ throughputPerS: z.number().positive(), p99Ms: z.number().positive() }),
        ),
      }),
    )
    .default([]),
});

/** What another tuner (Model Analyzer) chose and measured, as written down by hand from its tables. */
export type RecordedSearch = z.output<typeof recordedSearch>;
export type RecordedPoint = RecordedSearch['points'][number];

export async function readRecordedSearch(file: string): Promise<RecordedSearch> {
  const text = await readFile(file, 'utf8');
  const read = recordedSearch.safeParse(JSON.parse(text));
  if (!read.success) throw new Error(`${file}: ${z.prettifyError(read.error)}`);
  return read.data;
}

/**
 * The candidate of the space that is such a configuration: dynamic batching with Triton's own defaults, as
 * Model Analyzer writes it.
 * @throws Error when the space does not have it
 */
export function candidateOf(
  { models, concurrency }: Omit<RecordedPoint, 'measured'>,
  space: TuneSpace,
): Candidate {
  const settings = space.models.map(({ model, settings: all }) => {
    const wanted = models[model];
    return all.findIndex(
      ({ instances, maxBatchSize, batching }) =>
        instances === wanted?.instances &&
        maxBatchSize === wanted.maxBatchSize &&
        (batching === undefined ||
          (batching.maxQueueDelayUs === 0 && batching.preferredBatchSizes.join() === String(maxBatchSize))),
    );
  });
  const load = space.loads.findIndex((point) => point.concurrency === concurrency);
  const candidate = { settings, load };
  if ([...settings, load].includes(-1)) {
    throw new Error(
      `the space does not hold ${JSON.stringify({ models, concurrency })} (${candidateKey(candidate)})`,
    );
  }
  return candidate;
}
