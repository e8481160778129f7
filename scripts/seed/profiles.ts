import type { FitSummary, ModelProfile } from '../../src/profile/profile.js';
import { publishedProfile } from '../profiles/published.js';
import { plainPoint } from '../support/made-scenario.js';
import { round4 } from '../support/source-table.js';
import type { Setups } from './setups.js';

export const BATCH = 8;

/** What is fitted for one model on one GPU; all else about a test is a set-up fact. */
export interface ModelConstants {
  /** Time of one batch of 8 on an instance: with the GPU, and on the host before it, ms. */
  readonly gpuMs: number;
  readonly hostMs: number;
  /** Mean host CPU time of one request before it is queued, ms. */
  readonly frontEndMs: number;
}

/** What both models share. */
export interface SharedConstants {
  /** Coefficients of variation of a batch's time and of a request's front-end time. */
  readonly batchCv: number;
  readonly frontEndCv: number;
  /** The GPU part takes `msPerIdleMs` longer for each millisecond of idling beyond `freeMs`, up to `maxIdleMs`. */
  readonly linearIdlePenalty: {
    readonly freeMs: number;
    readonly msPerIdleMs: number;
    readonly maxIdleMs: number;
  };
}

export type Fitted = SharedConstants & { readonly models: ReadonlyMap<string, ModelConstants> };

const SOURCE =
  'cake-lab/perseus@e01bd02: LeMay, Li, Guo, "Perseus: Characterizing Performance and Cost of Multi-Tenant Serving for CNN Models", IC2E 2020 (arXiv 1912.02322)';

const COMMON_NOTES =
  'Only batches of 8 occur in the fitted tests; smaller ones are in proportion, which is an assumption and not measured. The input phase is the ' +
  "instance's host part (gathering and copying), the infer phase the GPU part, split by the GPU's busy share. The instance thread " +
  'spins while the GPU works. Front-end time is all counted per byte: the two models cost the same per byte within 3 %. The slowdown ' +
  'beside other models is not measured: each batch is taken to fill the GPU, so that they share it evenly. The ' +
  'law after idling is fitted on test 6, for both models. Response size is assumed.';

/** The profile of a model on the P4 with these constants: those fitted on tests 6 and 7. */
export function p4Profile(model: string, fitted: Fitted, setups: Setups, fit?: FitSummary): ModelProfile {
  const test = model === 'resnet50' ? 7 : 6;
  const profile = seedProfile(
    model,
    'Tesla P4',
    { fitted, setups },
    `Fitted on test ${test} (one instance alone on one of two GPUs), passes below and at saturation.`,
  );
  return { ...profile, ...(fit !== undefined && { fit }) };
}

/**
 * The profile of a model on a GPU of which the seed has only one figure: the throughput of a lone tenant, which is 8
 * requests in each service time. The rest is as on the P4, the server being the same.
 */
export function lonePeakProfile(model: string, constants: Fitted, setups: Setups, gpu: string): ModelProfile {
  const { gpuMs, hostMs } = constants.models.get(model)!;
  const perS = Number(((1000 * BATCH) / (gpuMs + hostMs)).toFixed(3));
  return seedProfile(
    model,
    gpu,
    { fitted: constants, setups },
    `One figure of the ${gpu.replace(/^.* /, '')} is known: ${perS} requests/s of one tenant alone on one GPU (the paper's frontier figure, read off ` +
      `within 0.5/s); 8 requests in each service time give the total. Host part, front end, spread and idle law are taken over from the P4: ` +
      `the server is the same kind.`,
  );
}

function seedProfile(
  model: string,
  device: string,
  { fitted, setups }: { readonly fitted: Fitted; readonly setups: Setups },
  fittedOn: string,
): ModelProfile {
  const { gpuMs, hostMs, frontEndMs } = fitted.models.get(model)!;
  const facts = setups.models[model]!;
  return publishedProfile(model, device, {
    provenance: {
      source: SOURCE,
      licence: 'Apache-2.0',
      date: '2019',
      gpu: `NVIDIA ${device}`,
      serverVersion: 'TensorRT Inference Server 19.08',
      backend: facts.backend,
      precision: 'FP32',
      notes: `${fittedOn} ${COMMON_NOTES}`,
    },
    service: [1, BATCH].map((batchSize) =>
      plainPoint(batchSize, round4((gpuMs * batchSize) / BATCH), {
        inputMs: round4((hostMs * batchSize) / BATCH),
      }),
    ),
    spread: { law: 'lognormal', cv: fitted.batchCv },
    frontEnd: {
      perRequestUs: 0,
      perKilobyteUs: round4((frontEndMs * 1000) / (facts.requestBytes / 1024)),
      cv: fitted.frontEndCv,
    },
    linearIdlePenalty: fitted.linearIdlePenalty,
    hostCores: { input: 1, infer: 1, output: 0, response: 0 },
    payload: { requestBytes: facts.requestBytes, responseBytes: facts.responseBytes },
    memory: { modelMb: 0, perInstanceMb: facts.memoryMb ?? 0, known: facts.memoryMb !== undefined },
    load: { loadMs: 0, unloadMs: 0, firstInferenceMs: facts.firstInferenceMs ?? 0 },
    region: { batchSizes: [BATCH], maxUtilization: 1, maxInstances: 1, sharing: ['exclusive'] },
  });
}

/** Time of a batch of 8 alone on an instance, read back from a profile, ms. */
export function batchMs({ service }: ModelProfile): number {
  const point = service.find(({ batchSize }) => batchSize === BATCH)!;
  return point.inferMs + point.inputMs;
}
