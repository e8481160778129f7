import * as z from 'zod';
import { figure } from '../base/figure-schema.js';
import type { WarningCode } from '../base/warning.js';
import { costSchema } from '../cost/cost-schema.js';
import { PARTS } from '../metrics/figures/split.js';
import { DOUBTS } from '../profile/time-error.js';
import { WARNING_CODES } from './advice.js';

/** A limit; null stands for none, and is read as Infinity. */
const limit = z
  .number()
  .nullable()
  .transform((value) => value ?? Number.POSITIVE_INFINITY);

const count = z.number().int().nonnegative();
const text = z.string();

const estimate = z.object({ value: figure, low: figure, high: figure });

/** From the least that a figure may be to the most. */
const range = z.object({ low: figure, high: figure });
/** The same; nothing limits the most where it is null. */
const openRange = z.object({ low: figure, high: z.number().nullable() });

const split = z.record(z.enum(PARTS), figure);

const slo = z.object({
  percentile: z.number(),
  limitMs: z.number(),
  firstResponseMs: z.number().exactOptional(),
  betweenResponsesMs: z.number().exactOptional(),
  attainment: estimate,
  met: z.boolean().nullable(),
});

const latency = z.object({
  mean: estimate,
  max: figure,
  percentiles: z.array(z.object({ percentile: z.number(), ms: estimate })),
});

const stream = z.object({
  requests: count,
  meanResponses: figure,
  firstResponseMs: latency,
  betweenResponsesMs: latency,
});

const sequences = z.object({ begun: count, answered: count, firstAnswerMs: latency, lastAnswerMs: latency });

const step = z.object({
  model: text,
  callsPerRequest: figure,
  queueMs: figure,
  executionMs: figure,
  streamMs: figure.exactOptional(),
});

const tenantSummary = z.object({
  tenant: text,
  counts: z.record(
    z.enum(['offered', 'completed', 'rejected', 'timedOut', 'failed', 'inFlightAtEnd']),
    count,
  ),
  offeredPerS: figure,
  throughputPerS: estimate,
  inferencesPerS: estimate,
  goodputPerS: estimate,
  latencyMs: latency,
  splitMs: split,
  executedBatch: figure,
  slo: slo.exactOptional(),
  steps: z.array(step).exactOptional(),
  stream: stream.exactOptional(),
  sequences: sequences.exactOptional(),
  stability: z.enum(['stable', 'backlogged', 'overloaded']),
});

const deviceSummary = z.object({
  server: text,
  device: text,
  kind: text,
  busyShare: figure,
  memoryUsedMb: figure,
  memoryMb: limit,
  memoryUnknown: z.literal(true).exactOptional(),
  shareByTenant: z.array(z.object({ tenant: text, share: figure })),
  timeline: z.array(figure),
  presentShare: figure.exactOptional(),
});

const warning = z.object({ code: z.enum(WARNING_CODES as [WarningCode]), subject: text, message: text });

const meanAndMost = z.object({ mean: figure, most: count });

const cache = z.object({
  hits: count,
  misses: count,
  hitsTookMs: figure,
  executed: figure,
  executedTookMs: figure,
  cacheTookMs: figure,
});

const summary = z.object({
  scenario: text,
  seed: text,
  runs: count,
  measuredS: figure,
  warmUpS: figure,
  tenants: z.array(tenantSummary),
  total: tenantSummary,
  devices: z.array(deviceSummary),
  hosts: z.array(
    z.object({ server: text, cpuCores: limit, coresBusy: figure, presentShare: figure.exactOptional() }),
  ),
  models: z.array(
    z.object({
      server: text,
      model: text,
      executions: count,
      meanBatch: figure,
      byBatchSize: z.array(figure),
      busyShare: figure.exactOptional(),
      cache: cache.exactOptional(),
      sequences: z.object({ slots: count, slotsUsed: meanAndMost, waiting: meanAndMost }).exactOptional(),
      kvCache: z
        .object({ tokens: count, usedShare: z.object({ mean: figure, most: figure }) })
        .exactOptional(),
      loading: z
        .object({
          hits: count,
          misses: count,
          loads: count,
          unloads: count,
          meanWaitMs: figure,
          loadedShare: figure,
        })
        .exactOptional(),
    }),
  ),
  warnings: z.array(warning),
});

const figures = z.array(figure);

const replications = z.object({
  seeds: z.array(text),
  tenants: z.array(
    z.object({
      tenant: text,
      throughputPerS: figures,
      meanMs: figures,
      percentiles: z.array(z.object({ percentile: z.number(), ms: figures })),
      attainment: figures.exactOptional(),
    }),
  ),
});

const provenance = z.object({
  version: text,
  commit: text.exactOptional(),
  scenarioFile: text,
  seed: text,
  profileSources: z.array(z.object({ model: text, device: text, source: text, licence: text })),
  // How far off the profiles were of what somebody measured, in a line; absent where nobody did.
  profileErrors: text.exactOptional(),
  // What must hold of profiles that nobody filled in, and what would supply them; absent where there are none.
  profileGuesses: text.exactOptional(),
  // One line per trace: file or generator, origin and licence.
  traceSources: z.array(text),
  // Tenants whose requests arrive at the same times in all runs; absent where there is one run, or none does.
  sharedArrivals: z.array(text).exactOptional(),
});

const series = z.object({
  cdfs: z.array(z.object({ tenant: text, points: z.array(z.object({ ms: figure, share: figure })) })),
  timelines: z.array(
    z.object({
      tenant: text,
      bins: z.array(
        z.object({ timeS: figure, inSystem: figure, queued: figure, throughputPerS: figure, p99Ms: figure }),
      ),
    }),
  ),
  deviceTimelines: z.array(
    z.object({
      server: text,
      device: text,
      bins: z.array(z.object({ timeS: figure, busyShare: figure })),
    }),
  ),
});

export const REPORT_FORMAT = 'perseus-report/1';

/** A {@link RunReport} as it is read back from its JSON form. */
export const reportSchema = z
  .object({
    format: z.literal(REPORT_FORMAT),
    summary,
    replications: replications.exactOptional(),
    cost: costSchema.exactOptional(),
    warnings: z.array(warning),
    provenance,
    series,
    measured: z
      .array(
        z.object({
          tenant: text,
          // With its unit: `p50 ms` or `throughput /s`.
          metric: text,
          predicted: figure,
          measured: figure,
          errorPercent: figure,
          source: text,
        }),
      )
      .exactOptional(),
    bounds: z
      .array(
        z.object({
          tenant: text,
          bound: z.literal('unlimited devices'),
          p50Ms: figure,
          p99Ms: figure,
        }),
      )
      .exactOptional(),
    headroom: z
      .object({
        // The largest on all loads at which every SLO holds, of those simulated, and the least at which one is missed.
        factor: z.number(),
        failsAt: z.number().exactOptional(),
        points: z.array(
          z.object({
            factor: z.number(),
            tenants: z.array(
              z.object({
                tenant: text,
                percentile: z.number(),
                // That of its SLO, else p99; absent where it grows for as long as the load lasts.
                ms: estimate.exactOptional(),
                met: z.boolean().nullable(),
              }),
            ),
          }),
        ),
      })
      .exactOptional(),
    doubt: z
      .object({
        models: z.array(
          z.object({
            model: text,
            device: text,
            error: z.object({ factor: z.number(), from: text }).nullable(),
          }),
        ),
        tenants: z.array(
          z.object({
            tenant: text,
            throughputPerS: range,
            // Open where the tenant is not kept up with at its slowest.
            meanMs: openRange,
            percentilesMs: z.array(openRange.extend({ percentile: z.number() })),
            // Share of the requests within the limit of the SLO, 0..1; only with an SLO.
            attainment: range.exactOptional(),
            // The noise of the run alone; then each reason alone, without it, the one that leaves most open first.
            noiseMeanMs: openRange,
            reasons: z.array(openRange.extend({ doubt: z.enum(DOUBTS) })),
          }),
        ),
      })
      .exactOptional(),
  })
  .transform(({ format: _, ...report }) => report);
