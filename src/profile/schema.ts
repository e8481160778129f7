import * as z from 'zod';
import { renamedFields } from '../base/document/renamed-fields.js';
import {
  checkBatchSizes,
  checkDate,
  checkPairs,
  checkRatios,
  checkServicePoints,
  DATE,
} from './schema-checks.js';
import { LONGEST_TEXT, ms, retired, us } from './schema-values.js';
import { serving } from './serving-schema.js';

/** How executions may share a device: the modes of a scenario's `sharing`. */
export const SHARING_MODES = ['exclusive', 'streams', 'timeSlices', 'mps', 'mig'] as const;

const bytes = z.number().min(0).max(1e15);
const mebibytes = z.number().min(0).max(1e9);
const cores = z.number().min(0).max(1024);
const text = z.string().max(LONGEST_TEXT);
const name = z.string().min(1).max(200);
const batchSize = z.int().min(1).max(10_000_000);
const count = z.int().min(0);

const provenance = z
  .strictObject({
    source: z
      .string()
      .min(1)
      .max(LONGEST_TEXT)
      .describe('Project and commit, or `measured` with host and date'),
    licence: text.min(1).describe('Under which the figures may be used'),
    date: z
      .string()
      .superRefine(checkDate)
      .describe('ISO date of measurement or publication, or `unknown`')
      // Of the check the published schema knows nothing.
      .meta({ pattern: DATE.source }),
    gpu: text.min(1).describe('GPU as the source names it'),
    driver: text.describe("Version of the GPU's driver, or `unknown`"),
    serverVersion: text.describe('Version of Triton, or `unknown`'),
    backend: text.describe('Backend that ran the model'),
    precision: text.describe('Number format of the model, e.g. FP16'),
    notes: text.describe('What a reader must know about how the figures were obtained'),
  })
  .describe('Where the figures come from');

const servicePoint = z.strictObject({
  batchSize: batchSize.describe('Inferences in one execution'),
  inputMs: ms.describe('Gathering and copying inputs to the device'),
  inferMs: ms.describe('The model itself'),
  outputMs: ms.describe('Copying outputs back'),
  deviceMs: ms
    .exactOptional()
    .describe(
      'What the whole device works for it: inferMs where it fills the device (the default), less where it leaves a part of it to others',
    ),
  deviceMsError: z
    .number()
    .min(0)
    .max(10)
    .exactOptional()
    .describe('Standard error of deviceMs, as a fraction of it'),
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
    z.strictObject({ law: z.enum(['lognormal', 'gamma']).describe('Family of the distribution'), cv }),
    z.strictObject({
      law: z.literal('empirical'),
      ratios: z
        .array(z.number().min(0).max(1e6))
        .min(2)
        .max(10_000)
        .readonly()
        .superRefine(checkRatios)
        .describe('Ratios to the mean at equally spaced probabilities, ascending, mean 1'),
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
    mutuallyExclusiveWith: z
      .array(name)
      .max(1000)
      .readonly()
      .exactOptional()
      .describe('Models whose executions take turns with those of this one'),
    pairs: z
      .array(
        z
          .strictObject({
            model: name.describe('The other model'),
            slowdown: slowdown.describe('Times as long beside one execution of it'),
            closedLoopSlowdown: slowdown
              .exactOptional()
              .describe(
                'The same while this model never idles, because all its clients are closed-loop clients',
              ),
          })
          .register(renamedFields, { slowdownOfCallers: 'closedLoopSlowdown' }),
      )
      .readonly()
      .superRefine(checkPairs)
      .describe('Slowdown beside other models, as measured'),
    sensitivity: z.number().min(0).max(1000).exactOptional().describe('How much this model suffers'),
    pressure: z.number().min(0).max(1000).exactOptional().describe('How much others suffer from it'),
  })
  .describe('What executions side by side on one device cost; 1 = nothing, 2 = fair halves')
  .register(renamedFields, { turnsWith: 'mutuallyExclusiveWith' });

/** As wide as the type says, so that a profile from a newer version still has a type. */
const sharingMode: z.ZodType<string> = z.enum(SHARING_MODES);

const region = z
  .strictObject({
    batchSizes: z
      .array(batchSize)
      .min(1)
      .max(1000)
      .readonly()
      .superRefine(checkBatchSizes)
      .describe('Batch sizes that were measured, ascending'),
    maxUtilization: z.number().min(0).max(1).describe('Largest busy share of the device'),
    maxInstances: z.int().min(1).describe('Most instances side by side on one device'),
    sharing: z.array(sharingMode).readonly().describe('Modes of sharing under which it was measured'),
  })
  .describe('Where it was measured; a prediction outside says so');

const percent = z.number().min(0);

const fit = z
  .strictObject({
    method: text.min(1).describe('How it was fitted'),
    points: count.describe('Points that it was fitted on'),
    heldOut: count.describe('Points that were left out to check it'),
    meanErrorPercent: percent.describe('Mean error over the points'),
    maxErrorPercent: percent.describe('Largest error of a point'),
    latencyErrorPercent: z
      .strictObject({
        mean: percent.describe('Of the mean'),
        p50: percent.describe('Of the median'),
        p95: percent.describe('Of the 95th percentile'),
        p99: percent.describe('Of the 99th percentile'),
        parts: z
          .strictObject({
            network: percent.describe('Outside of the server'),
            queue: percent.describe('In the queue'),
            input: percent.describe('Gathering inputs'),
            infer: percent.describe('The model itself'),
            output: percent.describe('Outputs and responses'),
            response: z
              .number()
              .min(0)
              .exactOptional()
              .describe('Of profiles made before outputs held it; not used'),
          })
          .exactOptional()
          .describe('Of the parts of the mean'),
      })
      .exactOptional()
      .describe('Root mean square error of latencies that were measured with it, in percent'),
  })
  .describe('How well the profile gives back what it was fitted on');

const perSecond = z.number().positive().max(1e12);

const validation = z
  .strictObject({
    source: text.min(1).describe('Where the measured figures come from'),
    device: name
      .exactOptional()
      .describe(
        'Device kind on which they were measured, where it is not that of the profile: a profile of that kind was made in the same way',
      ),
    points: count.min(1).describe('Loads that were predicted'),
    meanErrorPercent: percent.describe('Mean error of their throughput'),
    worst: z
      .strictObject({
        load: text.min(1).describe('What it was'),
        measuredPerS: perSecond.describe('Inferences per second, measured'),
        predictedPerS: perSecond.describe('The same, predicted'),
      })
      .describe('The load that was predicted worst'),
  })
  .describe('How it fared against measured loads that it was not made from');

/** What a profile file must hold; the meaning of each field is told at the type `ModelProfile`, which is its output. */
export const ModelProfileSchema = z
  .strictObject({
    format: z.literal('perseus-profile/1').describe('Version of this format'),
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
      .strictObject({
        inputUs: us.describe('To gathering inputs'),
        ...retired('inferUs'),
      })
      .exactOptional()
      .describe('What each further request of an execution adds beyond its inferences'),
    spread,
    speedDrift: z
      .strictObject({
        cv,
        timeConstantMs: ms.positive().describe('In which a slow time is forgotten'),
      })
      .exactOptional()
      .describe('How the speed of all that computes there comes and goes together. Default: it does not'),
    response: z
      .strictObject({
        fixedUs: us.describe('Once for an execution'),
        perRequestUs: us.describe('For each of its requests'),
        perKilobyteUs: us.describe('For each kilobyte of response'),
        releaseUs: us
          .exactOptional()
          .describe(
            'For each of its requests, after their responses: giving it back, before the next execution',
          ),
      })
      .describe('Response building and sending on the instance thread'),
    frontEnd: z
      .strictObject({
        perRequestUs: us.describe('For each request'),
        perKilobyteUs: us.describe('For each kilobyte of request'),
        cv: cv.exactOptional(),
      })
      .describe('Cost in a front-end handler thread, before the queue, and how much it varies'),
    linearIdlePenalty: z
      .strictObject({
        freeMs: ms.describe('Idling up to this costs nothing'),
        msPerIdleMs: z.number().min(0).max(10).describe('Longer by so much for each ms of idling beyond'),
        maxIdleMs: ms.describe('Idling beyond this counts no more'),
      })
      .exactOptional()
      .describe('How much longer an execution takes after the instance was idle'),
    logIdlePenalty: z
      .strictObject({
        fromMs: ms.positive().describe('Idle time from which doublings are counted'),
        maxIdleMs: ms.describe('Idling beyond this counts no more'),
        inferMsPerDoubling: ms.describe('Longer by so much for each doubling'),
      })
      .exactOptional()
      .describe('How much longer an execution takes each time its instance was idle twice as long'),
    warmUpState: z
      .strictObject({
        timeConstantMs: ms.positive().describe('In which it warms up and cools down'),
        coldSpeed: z.number().min(0.05).max(1).describe("Speed of a cold one as a share of a warm one's"),
        power: z
          .number()
          .min(0.1)
          .max(100)
          .exactOptional()
          .describe('The higher, the colder it must be before it is slower. Default: 1, in proportion'),
      })
      .exactOptional()
      .describe('How much slower an instance computes the less it executed lately'),
    ...retired('pausedSpread'),
    hostCores: z
      .strictObject({
        input: cores.describe('While inputs are gathered'),
        infer: cores.describe('While the model runs'),
        output: cores.describe('While outputs are copied'),
        response: cores.describe('While responses are sent'),
      })
      .describe('Host cores kept busy during each phase'),
    payload: z
      .strictObject({
        requestBytes: bytes.describe('Of the request'),
        responseBytes: bytes.describe('Of the response'),
      })
      .describe('Sizes per inference, used where a trace does not say'),
    memory: z
      .strictObject({
        modelMb: mebibytes.describe('Once on each device, in MiB'),
        perInstanceMb: mebibytes.describe('Further for each instance, in MiB'),
        known: z.boolean().describe('false: the source does not say, the figures mean nothing'),
      })
      .describe('Device memory'),
    load: z
      .strictObject({
        loadMs: ms.describe('To load it; 0 = unknown'),
        unloadMs: ms.describe('To unload it; 0 = unknown'),
        firstInferenceMs: ms.describe('What the first execution of an instance takes longer; 0 = unknown'),
      })
      .describe('Loading and unloading'),
    interference,
    serving: serving.exactOptional(),
    region,
    fit: fit.exactOptional(),
    validation: validation.exactOptional(),
  })
  .describe('What one model costs to run on one kind of device under one server')
  .register(renamedFields, {
    pace: 'speedDrift',
    afterIdle: 'linearIdlePenalty',
    cooling: 'logIdlePenalty',
    warmth: 'warmUpState',
  });
