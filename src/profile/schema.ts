import { z } from 'zod';
import {
  checkBatchSizes,
  checkDate,
  checkPairs,
  checkRates,
  checkRatios,
  checkServicePoints,
} from './schema-checks.js';

/** How executions may share a device: the modes of a scenario's `sharing`. */
export const SHARING_MODES = ['exclusive', 'streams', 'timeSlices', 'mps', 'mig'] as const;

/** Longest time a profile may state: a day. Keeps every sum of nanoseconds an exact integer. */
const LONGEST_MS = 86_400_000;

const ms = z.number().min(0).max(LONGEST_MS);
const us = z
  .number()
  .min(0)
  .max(LONGEST_MS * 1000);
const bytes = z.number().min(0).max(1e15);
const mebibytes = z.number().min(0).max(1e9);
const cores = z.number().min(0).max(1024);
const text = z.string().max(4000);
const name = z.string().min(1).max(200);
const batchSize = z.int().min(1).max(10_000_000);
const count = z.int().min(0);

const provenance = z
  .strictObject({
    source: z.string().min(1).max(4000).describe('Project and commit, or `measured` with host and date'),
    licence: text.min(1),
    date: z.string().superRefine(checkDate).describe('ISO date of measurement or publication, or `unknown`'),
    gpu: text.min(1),
    driver: text,
    serverVersion: text,
    backend: text,
    precision: text,
    notes: text.describe('What a reader must know about how the figures were obtained'),
  })
  .describe('Where the figures come from');

const servicePoint = z.strictObject({
  batchSize: batchSize.describe('Inferences in one execution'),
  inputMs: ms.describe('Gathering and copying inputs to the device'),
  inferMs: ms.describe('The model itself'),
  outputMs: ms.describe('Copying outputs back'),
  executions: count.describe('Executions behind the point; 0 = the source does not say'),
  relativeError: z
    .number()
    .min(0)
    .max(10)
    .describe('Half width of the 95 % interval of the total as a fraction of it; 0 = unknown'),
});

const cv = z.number().min(0).max(10).describe('Standard deviation over mean');

const spread = z
  .discriminatedUnion('law', [
    z.strictObject({ law: z.literal('none') }),
    z.strictObject({ law: z.enum(['lognormal', 'gamma']), cv }),
    z.strictObject({
      law: z.literal('empirical'),
      ratios: z.array(z.number().min(0).max(1e6)).min(2).max(10_000).readonly().superRefine(checkRatios),
    }),
  ])
  .describe('Distribution of the service time of one execution around its mean');

const slowdown = z.number().min(1).max(1000);

const interference = z
  .strictObject({
    self: slowdown.exactOptional().describe('Slowdown beside another instance of the same model'),
    crowding: slowdown
      .exactOptional()
      .describe(
        'Slowdown beyond its share of the host cores where twice as many executions compute as there are cores',
      ),
    turnsWith: z
      .array(name)
      .max(1000)
      .readonly()
      .exactOptional()
      .describe('Models whose executions take turns with those of this one'),
    pairs: z
      .array(
        z.strictObject({
          model: name,
          slowdown,
          slowdownOfCallers: slowdown
            .exactOptional()
            .describe('The same while this model never idles, because all its clients are callers'),
        }),
      )
      .readonly()
      .superRefine(checkPairs),
    sensitivity: z.number().min(0).max(1000).exactOptional().describe('How much this model suffers'),
    pressure: z.number().min(0).max(1000).exactOptional().describe('How much others suffer from it'),
  })
  .describe('What executions side by side on one device cost; 1 = nothing, 2 = fair halves');

const serving = z
  .strictObject({
    batcherWakeUs: us,
    instanceWakeUs: us,
    instancePickUpUs: us,
    timerSlackUs: us,
    batcherWinsShare: z.number().min(0).max(1),
    lateBindingWinsShare: z.number().min(0).max(1).exactOptional(),
    requestDelayUs: us,
    responseDelayUs: us,
    wayByRate: z
      .array(z.strictObject({ requestsPerS: z.number().positive(), requestDelayUs: us, responseDelayUs: us }))
      .min(2)
      .max(100)
      .readonly()
      .superRefine(checkRates)
      .exactOptional()
      .describe('The delays of the way by requests per second to the server, ascending'),
    phasesByRate: z
      .array(
        z.strictObject({
          requestsPerS: z.number().positive(),
          executionsPerS: z.number().positive().exactOptional(),
          inputUs: us,
          inferUs: us,
          outputUs: us,
        }),
      )
      .min(2)
      .max(100)
      .readonly()
      .superRefine(checkRates)
      .exactOptional()
      .describe('What an execution takes longer by requests per second to the server, ascending'),
    wayOfCallers: z
      .strictObject({ requestDelayUs: us, responseDelayUs: us })
      .exactOptional()
      .describe('The delays of the way of callers that send as soon as they have their answer'),
    generatorUs: us,
    clientUs: us.exactOptional(),
    clientWakeUs: us
      .exactOptional()
      .describe('What each further response of an execution takes longer to send to a usual client'),
    cpuCores: z.number().min(0.1).max(100_000).exactOptional(),
    requestCpuUs: us
      .exactOptional()
      .describe('Core time of the host that a request takes besides its execution'),
    executionCpuUs: us
      .exactOptional()
      .describe('Core time of the host that an execution takes besides what it computes'),
    clientCpuUs: us.exactOptional().describe('The same of the client that sends it, on the same host'),
    threadWaits: z
      .strictObject({ share: z.number().min(0).max(1), longestUs: us })
      .exactOptional()
      .describe('Share of the threads that wait for a core which an execution holds, and how long at most'),
    wakeBurstUs: us
      .exactOptional()
      .describe('How long a thread runs when it has woken: others wait for it where all cores are taken'),
  })
  .describe('Delays of the server around the model; a scenario takes them where it does not say otherwise');

/** As wide as the type says, so that a profile from a newer version still has a type. */
const sharingMode: z.ZodType<string> = z.enum(SHARING_MODES);

const region = z
  .strictObject({
    batchSizes: z.array(batchSize).min(1).max(1000).readonly().superRefine(checkBatchSizes),
    maxUtilization: z.number().min(0).max(1),
    maxInstances: z.int().min(1),
    sharing: z.array(sharingMode).readonly(),
  })
  .describe('Where it was measured; a prediction outside says so');

const fit = z
  .strictObject({
    method: text.min(1),
    points: count,
    heldOut: count,
    meanErrorPercent: z.number().min(0),
    maxErrorPercent: z.number().min(0),
    latencyErrorPercent: z
      .strictObject({
        mean: z.number().min(0),
        p50: z.number().min(0),
        p95: z.number().min(0),
        p99: z.number().min(0),
        parts: z
          .strictObject({
            network: z.number().min(0),
            queue: z.number().min(0),
            input: z.number().min(0),
            infer: z.number().min(0),
            output: z.number().min(0),
            response: z
              .number()
              .min(0)
              .exactOptional()
              .describe('Of profiles made before outputs held it; not used'),
          })
          .exactOptional(),
      })
      .exactOptional(),
  })
  .describe('How well the profile gives back what it was fitted on');

/** What a profile file must hold; the meaning of each field is told at the type `ModelProfile`, which is its output. */
export const ModelProfileSchema = z
  .strictObject({
    format: z.literal('perseus-profile/1'),
    model: name.describe('A scenario finds the profile by model and device kind'),
    device: name.describe('Device kind, e.g. `Tesla T4`, `A100-80GB MIG 1g.10gb`, `CPU`'),
    provenance,
    service: z
      .array(servicePoint)
      .min(1)
      .max(1000)
      .readonly()
      .superRefine(checkServicePoints)
      .describe('Mean solo service time by batch size, ascending'),
    perRequest: z
      .strictObject({ inputUs: us, inferUs: us })
      .exactOptional()
      .describe('What each further request of an execution adds beyond its inferences'),
    spread,
    response: z
      .strictObject({ fixedUs: us, perRequestUs: us, perKilobyteUs: us })
      .describe('Response building and sending on the instance thread'),
    frontEnd: z
      .strictObject({ perRequestUs: us, perKilobyteUs: us, cv: cv.exactOptional() })
      .describe('Cost in a front-end handler thread, before the queue, and how much it varies'),
    afterIdle: z
      .strictObject({ freeMs: ms, msPerIdleMs: z.number().min(0).max(10), maxIdleMs: ms })
      .exactOptional()
      .describe('How much longer an execution takes after the instance was idle'),
    cooling: z
      .strictObject({
        fromMs: ms.positive(),
        maxIdleMs: ms,
        inferMsPerDoubling: ms,
      })
      .exactOptional()
      .describe('How much longer an execution takes each time its instance was idle twice as long'),
    warmth: z
      .strictObject({
        timeConstantMs: ms.positive(),
        coldSpeed: z.number().min(0.05).max(1),
        power: z.number().min(0.1).max(100).exactOptional(),
      })
      .exactOptional()
      .describe('How much slower an instance computes the less it executed lately'),
    pausedSpread: z
      .strictObject({ leastIdleMs: ms, spread })
      .exactOptional()
      .describe('How executions spread around their mean whose instance was idle for at least so long'),
    hostCores: z
      .strictObject({ input: cores, infer: cores, output: cores, response: cores })
      .describe('Host cores kept busy during each phase'),
    payload: z
      .strictObject({ requestBytes: bytes, responseBytes: bytes })
      .describe('Sizes per inference, used where a trace does not say'),
    memory: z.strictObject({ modelMb: mebibytes, perInstanceMb: mebibytes, known: z.boolean() }),
    load: z.strictObject({ loadMs: ms, unloadMs: ms, firstInferenceMs: ms }),
    interference,
    serving: serving.exactOptional(),
    region,
    fit: fit.exactOptional(),
  })
  .describe('What one model costs to run on one kind of device under one server');
