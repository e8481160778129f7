import type { TenantSpec } from '../../src/scenario/spec/tenant-spec.js';
import { onnx, type RepositoryModel, sleeping } from '../triton/repository-model.js';

/** What clients call, the models that work for it, and loads that its calibration has not seen. */
export interface CompositionsCase {
  readonly name: string;
  readonly models: readonly RepositoryModel[];
  /** The model that clients call. */
  readonly asked: string;
  /** Time for its calibration, seconds. */
  readonly budgetS: number;
  /** What is told of its requests besides when they come. */
  readonly tenant?: Partial<Pick<TenantSpec, 'sequences' | 'contents'>>;
  /** Poisson: requests, or sequences that begin, per second. */
  readonly ratesPerS: readonly number[];
  /** The same, played and measured by NVIDIA's perf_analyzer. */
  readonly perfAnalyzerPerS?: number;
}

export const CACHE_BYTES = 2 ** 24;

const IMAGE = [3, 96, 96];
const CLASSES = [1000];
const FLOAT = 'TYPE_FP32';

const pipeline: CompositionsCase = {
  name: 'ensemble of three',
  models: [
    sleeping('resize', [1000, 200], {}, { maxBatchSize: 4, dims: IMAGE }),
    onnx('network', 'mobilenet_v1', 96, {}, { maxBatchSize: 4 }),
    sleeping('labels', [700, 100], {}, { maxBatchSize: 4, dims: CLASSES }),
    {
      kind: 'ensemble',
      name: 'images',
      steps: ['resize', 'network', 'labels'],
      maxBatchSize: 4,
      config: {
        input: [{ name: 'INPUT0', data_type: FLOAT, dims: IMAGE }],
        output: [{ name: 'OUTPUT0', data_type: FLOAT, dims: CLASSES }],
      },
    },
  ],
  asked: 'images',
  budgetS: 75,
  ratesPerS: [40, 90],
  perfAnalyzerPerS: 65,
};

const calls: CompositionsCase = {
  name: 'BLS pipeline',
  models: [
    sleeping('detect', [3000, 300], {}, { maxBatchSize: 4 }),
    sleeping('classify', [2000, 200], {}, { maxBatchSize: 4 }),
    {
      kind: 'composed',
      name: 'faces',
      fixedUs: 500,
      itemUs: 0,
      maxBatchSize: 4,
      instances: 2,
      calls: [{ call: 'detect' }, { call: 'classify' }],
    },
  ],
  asked: 'faces',
  budgetS: 45,
  ratesPerS: [80, 180],
  perfAnalyzerPerS: 130,
};

/** Chunks of a tenth of a second, on average twenty of them; the batcher has 16 slots. */
const speech: CompositionsCase = {
  name: 'speech-like sequences',
  models: [
    sleeping('speech', [6000, 500], 'none', {
      maxBatchSize: 16,
      config: { sequence_batching: { max_sequence_idle_microseconds: 5_000_000, direct: {} } },
    }),
  ],
  asked: 'speech',
  budgetS: 30,
  tenant: { sequences: { requests: 20, law: 'geometric', gapMs: 100 } },
  ratesPerS: [2, 5],
};

const classifier: CompositionsCase = {
  name: 'cached classifier',
  models: [sleeping('classifier', [4000, 400], {}, { config: { response_cache: { enable: true } } })],
  asked: 'classifier',
  budgetS: 30,
  tenant: { contents: { objects: 1000, exponent: 1 } },
  ratesPerS: [100, 400],
};

export const CASES: readonly CompositionsCase[] = [pipeline, calls, speech, classifier];
