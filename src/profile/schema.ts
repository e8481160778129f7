import * as z from 'zod';
import { renamedFields } from '../base/document/renamed-fields.js';
import {
  formerNamesOf,
  MODEL_EFFECTS,
  OWN_EFFECTS,
  SERVED_EFFECTS,
  SITUATION_EFFECTS,
  schemaOf,
} from '../effects/registry.js';
import { LONGEST_TEXT, ms, modelName as name, obsolete, retired, SHORTEST_MS } from '../effects/values.js';
import { checkBatchSizes, checkDate, checkServicePoints, DATE, refuseFacts } from './schema-checks.js';
import { FACTS } from './server-facts.js';

/** How executions may share a device: the modes of a scenario's `sharing`. */
export const SHARING_MODES = ['exclusive', 'streams', 'timeSlices', 'mps', 'mig'] as const;

const bytes = z.number().min(0).max(1e15);
const mebibytes = z.number().min(0).max(1e9);
export const text = z.string().max(LONGEST_TEXT);
const batchSize = z.int().min(1).max(10_000_000);
const count = z.int().min(0);
const relativeError = z.number().min(0).max(10);

// Of the check the published schema knows nothing.
export const date = z.string().superRefine(checkDate).meta({ pattern: DATE.source });

const provenance = z
  .strictObject({
    source: text.min(1).describe('Project and commit, or `measured` with host and date'),
    licence: text.min(1).describe('Under which the figures may be used'),
    date: date.describe('ISO date of measurement or publication, or `unknown`'),
    gpu: text.min(1).describe('GPU as the source names it'),
    driver: text.describe("Version of the GPU's driver, or `unknown`"),
    serverVersion: text.describe('Version of Triton, or `unknown`'),
    backend: text.describe('Backend that ran the model'),
    precision: text.describe('Number format of the model, e.g. FP16'),
    notes: text.describe('What a reader must know about how the figures were obtained'),
    protocol: z
      .enum(['grpc', 'http'])
      .exactOptional()
      .describe('How clients spoke to the server; absent = not known'),
    sharedMemory: z.literal('system').exactOptional().describe('Where tensors were, if not in the requests'),
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
  deviceMsError: relativeError.exactOptional().describe('Standard error of deviceMs, as a fraction of it'),
  executions: count.describe('Executions behind the point; 0 = the source does not say'),
  relativeError: relativeError.describe(
    'Half width of the 95 % interval of the total as a fraction of it; 0 = unknown',
  ),
});

const engine = z
  .strictObject({
    prefillMsPerToken: ms
      .min(SHORTEST_MS, 'must be above 0')
      .describe('What each token of a prompt adds to the step in which it is read'),
    kvTokens: z
      .int()
      .min(1)
      .max(1e12)
      .describe('Tokens of prompts and answers under way that the KV cache of an instance holds'),
  })
  .describe(
    'A language model in an engine with a batching of its own, such as vLLM: service is then a decode step, by the sequences in it',
  );

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
            response: percent.exactOptional().describe('Of profiles made before outputs held it; not used'),
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
    models: count
      .min(1)
      .exactOptional()
      .describe(
        'Of how many other models they are, where nobody measured this one: profiles made in the same way',
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

const MOVED = 'Stands in the server profile now: here it is an error';

const serving = z
  .strictObject({
    ...schemaOf(SERVED_EFFECTS),
    ...obsolete(MOVED, ...FACTS),
    ...retired('wakeBurstUs', 'lateBindingWinsShare', 'lateBindingWinsByRate', 'lateIdle'),
  })
  .superRefine(refuseFacts)
  .describe(
    'What requests for the model take on their way; a scenario takes it where it does not say otherwise',
  )
  .register(renamedFields, formerNamesOf(SERVED_EFFECTS));

/** What a profile file must hold. */
export const ModelProfileSchema = z
  .strictObject({
    format: z.literal('perseus-profile/1').describe('Version of this format'),
    model: name.describe('A scenario finds the profile by model and device kind'),
    device: name.describe('Device kind, e.g. `Tesla T4`, `A100-80GB MIG 1g.10gb`, `CPU`'),
    placeholder: z
      .boolean()
      .exactOptional()
      .describe('true: the figures were written to be replaced, nobody measured them'),
    provenance,
    service: z
      .array(servicePoint)
      .min(1)
      .max(1000)
      .readonly()
      .superRefine(checkServicePoints)
      .describe('Mean solo service time by batch size, ascending'),
    ...schemaOf(OWN_EFFECTS),
    ...retired('pausedSpread'),
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
    engine: engine.exactOptional(),
    ...schemaOf(SITUATION_EFFECTS),
    serving: serving.exactOptional(),
    region,
    fit: fit.exactOptional(),
    validation: validation.exactOptional(),
  })
  .describe('What one model costs to run on one kind of device under one server')
  .register(renamedFields, formerNamesOf(MODEL_EFFECTS));
