import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { TritonFailure } from '../triton/failure.js';

/** Of one model: dynamic batching with Triton's own defaults, as Model Analyzer writes it, in a closed loop. */
const modelChoice = z.strictObject({
  instances: z.int().positive(),
  maxBatchSize: z.int().positive(),
  concurrency: z.int().positive(),
});

/** By model. */
const configuration = z.record(z.string(), modelChoice);

const recordedSearch = z.strictObject({
  tool: z.string(),
  /** How long it searched, from its start to its end. */
  seconds: z.number().positive(),
  /** The configuration that it ranked first. */
  choice: configuration,
  /** What it measured on its way: all of it, also what it rejected. */
  points: z
    .array(
      z
        .strictObject({
          models: configuration,
          measured: z.record(
            z.string(),
            z.strictObject({ throughputPerS: z.number().positive(), p99Ms: z.number().positive() }),
          ),
          /** False where the tool that measured says itself that it did not keep up with the load. */
          keptUp: z.boolean().default(true),
        })
        .refine(({ models, measured }) => Object.keys(models).every((name) => name in measured), {
          error: 'a model has settings and nothing measured',
        }),
    )
    .default([]),
});

/** What another tuner (Model Analyzer) chose and measured. */
export type RecordedSearch = z.output<typeof recordedSearch>;
export type RecordedPoint = RecordedSearch['points'][number];
export type RecordedConfiguration = z.output<typeof configuration>;

/** @throws TritonFailure when the file is not there or is no such record */
export async function readRecordedSearch(file: string): Promise<RecordedSearch> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) throw new TritonFailure(`${file} cannot be read; --record writes one`);
  const read = recordedSearch.safeParse(jsonOf(text));
  if (!read.success) throw new TritonFailure(`${file}: ${z.prettifyError(read.error)}`);
  return read.data;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `mobilenet_v1 2×8 (16)`: instances × max batch, clients of the closed loop in brackets. */
export function describeConfiguration(models: RecordedConfiguration): string {
  return Object.entries(models)
    .map(
      ([name, { instances, maxBatchSize, concurrency }]) =>
        `${name} ${instances}×${maxBatchSize} (${concurrency})`,
    )
    .join(', ');
}
