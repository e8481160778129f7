import { folderOf } from '../profiles/source-names.js';
import type { Row } from '../support/source-table.js';

/** What the source says of a model besides its tables. */
export interface Source {
  readonly model: string;
  readonly isCnn: boolean;
  /** Bytes of one inference where the shapes are plain from the model; 0 where they are not in the source. */
  readonly requestBytes: number;
  readonly responseBytes: number;
  /** Where the table leaves it out. */
  readonly maxBatchSize?: number;
  readonly instances?: number;
  readonly preferredBatchSizes: readonly number[];
  readonly maxQueueDelayUs: number;
  /**
   * Requests after which perf_analyzer ended a window (`--measurement-mode count_windows`, `--measurement-request-count`); the
   * pages that were made so hand over offline inputs in shared memory. Absent: windows of a fixed time.
   */
  readonly countedRequests?: number;
}

/** Values of an image: 224 x 224 pixels, three colours. */
const IMAGE_VALUES = 224 * 224 * 3;

/**
 * By folder of NVIDIA/DeepLearningExamples@729963d. Batching as in each folder's README and parameter files
 * (`setup_parameters.sh`, `runner/config_*.yaml`): the value that the tables print without a unit is handed to
 * `--max-queue-delay-us`, so it is microseconds; ResNet-50 on ONNX Runtime is configured with
 * `--max-queue-delay-us 0 --preferred-batch-sizes ${MAX_BATCH_SIZE}`.
 *
 * Its images are FP16 (`model.py`: `model.half()`, `dataloader.py`: `astype(np.float16)`, the ONNX export takes
 * its input from there); TensorFlow's are FP32 (`rn50_model.py`: `input_dtype: str = "fp32"`). TFT's examples hold
 * 192 hours of an 8-byte category, three known numbers, the target and an 8-byte identity (`configuration.py`,
 * `data_utils.py`), its answers 24 hours of three quantiles. wide-and-deep has 13 numbers, 13 categories and three
 * lists of three, each of 4 bytes (`data/outbrain/features.py`, `triton/tf_dataloader.py`).
 */
const SOURCES: Readonly<Record<string, Partial<Source>>> = {
  'PyTorch/Classification/ConvNets/triton/resnet50': {
    model: 'resnet50',
    requestBytes: 2 * IMAGE_VALUES,
    responseBytes: 2 * 1000,
    preferredBatchSizes: [128],
    maxQueueDelayUs: 0,
  },
  'TensorFlow/Classification/ConvNets/triton': {
    model: 'resnet50',
    requestBytes: 4 * IMAGE_VALUES,
    responseBytes: 4 * 1001 + 4,
    preferredBatchSizes: [64, 128],
  },
  'PyTorch/Segmentation/nnUNet/triton': { maxBatchSize: 4, instances: 1, preferredBatchSizes: [2, 4] },
  'PyTorch/SpeechSynthesis/FastPitch/triton': { preferredBatchSizes: [4, 8] },
  'PyTorch/Forecasting/TFT/triton': {
    requestBytes: 192 * (8 + 3 * 4 + 4 + 8),
    responseBytes: 24 * 3 * 4,
    preferredBatchSizes: [512, 1024],
    countedRequests: 500,
  },
  'TensorFlow2/Recommendation/WideAndDeep/triton': {
    model: 'wide-and-deep',
    requestBytes: 4 * (13 + 13 + 3 * 3),
    responseBytes: 4,
    countedRequests: 50,
  },
};

/** Kinds of models of which the pages are about convolutional networks. */
const CNN_FOLDER = /\/(Classification|Segmentation|Detection)\//;

/** What is known of a row's page: as said above, else what its folder and the defaults say. */
export function sourceOf(row: Row): Source {
  const folder = folderOf(row);
  return {
    model: modelOf(folder),
    isCnn: CNN_FOLDER.test(folder),
    requestBytes: 0,
    responseBytes: 0,
    preferredBatchSizes: [],
    maxQueueDelayUs: 1,
    ...SOURCES[folder],
  };
}

/** `PyTorch/Classification/GPUNet/triton/05ms-D` is `gpunet-05ms-d`, `PyTorch/X/triton` is `x`. */
function modelOf(folder: string): string {
  const parts = folder.split('/');
  const at = parts.lastIndexOf('triton');
  const named = at < 1 ? parts.slice(-1) : [parts[at - 1]!, ...parts.slice(at + 1)];
  return named.join('-').toLowerCase();
}
