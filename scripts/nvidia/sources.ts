import type { SummarySetup } from '../../src/calibrate/summary/observation.js';
import { folderOf } from '../profiles/source-names.js';
import type { Row } from '../support/source-table.js';

/** What the source says of a model besides its tables. */
export interface Source {
  readonly model: string;
  /** Of models that differ in size only: of these none may teach a rule about another. */
  readonly family: string;
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
   * Requests after which perf_analyzer ended a window (`--measurement-mode count_windows`, `--measurement-request-count`).
   * Absent: windows of a fixed time.
   */
  readonly countedRequests?: number;
  /** How the offline tables' inputs were handed over; absent: over HTTP. */
  readonly soloSharedMemory?: 'system' | 'cuda';
  /** The same of the online tables. */
  readonly sharedMemory?: 'cuda';
}

/** Values of an image of so many pixels a side, three colours. */
const imageValues = (side: number) => side * side * 3;

const IMAGE_VALUES = imageValues(224);

/** Four scans of a head, or four classes for each of their points. */
const SCAN_VALUES = 4 * 128 ** 3;

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
 * lists of three, each of 4 bytes (`data/outbrain/features.py`, `triton/tf_dataloader.py`). BERT's questions are three rows of
 * 384 4-byte numbers, its answers two of 2-byte ones (`dataloader.py`, `max_seq_length: 384`). GPUNet's images are FP16 with the
 * `img_resolution` of `configs/batch1/GV100`. FastPitch reads 128 8-byte symbols (`SEQUENCE_LENGTH`); how long its answer is goes
 * by the text. nnU-Net's scans are 4x128x128x128 (README, `dataloader.py`).
 *
 * `run_performance_on_triton.py` (TFT, wide-and-deep, BERT, GPUNet) measures offline through system shared memory
 * (`offline_mode`), nnU-Net's README runs both tests with `--shared-memory`, which is CUDA's in its scripts; others use HTTP.
 */
const SOURCES: Readonly<Record<string, Partial<Source> | ((valueBytes: number) => Partial<Source>)>> = {
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
  'PyTorch/Segmentation/nnUNet/triton': (valueBytes) => ({
    requestBytes: valueBytes * SCAN_VALUES,
    responseBytes: valueBytes * SCAN_VALUES,
    maxBatchSize: 4,
    instances: 1,
    preferredBatchSizes: [2, 4],
    soloSharedMemory: 'cuda',
    sharedMemory: 'cuda',
  }),
  'PyTorch/SpeechSynthesis/FastPitch/triton': { requestBytes: 8 * 128, preferredBatchSizes: [4, 8] },
  'PyTorch/Classification/GPUNet/triton/05ms-D': gpuNet(224),
  'PyTorch/Classification/GPUNet/triton/065ms': gpuNet(320),
  'PyTorch/Classification/GPUNet/triton/085ms': gpuNet(288),
  'PyTorch/Classification/GPUNet/triton/08ms-D': gpuNet(224),
  'PyTorch/Classification/GPUNet/triton/125ms-D': gpuNet(456),
  'PyTorch/Classification/GPUNet/triton/175ms': gpuNet(384),
  'PyTorch/Classification/GPUNet/triton/225ms-D': gpuNet(528),
  'PyTorch/LanguageModeling/BERT/triton/dist4l': bert(),
  'PyTorch/LanguageModeling/BERT/triton/dist6l': bert(),
  'PyTorch/LanguageModeling/BERT/triton/large': bert(),
  'PyTorch/Forecasting/TFT/triton': {
    requestBytes: 192 * (8 + 3 * 4 + 4 + 8),
    responseBytes: 24 * 3 * 4,
    preferredBatchSizes: [512, 1024],
    countedRequests: 500,
    soloSharedMemory: 'system',
  },
  'TensorFlow2/Recommendation/WideAndDeep/triton': {
    model: 'wide-and-deep',
    requestBytes: 4 * (13 + 13 + 3 * 3),
    responseBytes: 4,
    countedRequests: 50,
    soloSharedMemory: 'system',
  },
};

function gpuNet(side: number): Partial<Source> {
  return {
    requestBytes: 2 * imageValues(side),
    responseBytes: 2 * 1000,
    countedRequests: 500,
    soloSharedMemory: 'system',
  };
}

function bert(): Partial<Source> {
  return { requestBytes: 3 * 4 * 384, responseBytes: 2 * 2 * 384, soloSharedMemory: 'system' };
}

/** Kinds of models of which the pages are about convolutional networks. */
const CNN_FOLDER = /\/(Classification|Segmentation|Detection)\//;

/** Whether something is said of a row's page above. */
export function isKnownSource(row: Row): boolean {
  return SOURCES[folderOf(row)] !== undefined;
}

/** What is known of a row's page: as said above, else what its folder and the defaults say. */
export function sourceOf(row: Row): Source {
  const folder = folderOf(row);
  const known = SOURCES[folder];
  return {
    model: modelOf(folder),
    family: familyOf(folder),
    isCnn: CNN_FOLDER.test(folder),
    requestBytes: 0,
    responseBytes: 0,
    preferredBatchSizes: [],
    maxQueueDelayUs: 1,
    ...(typeof known === 'function' ? known(row['precision'] === 'FP32' ? 4 : 2) : known),
  };
}

/** As a set-up has it. */
export function sharedMemoryOf({
  soloSharedMemory,
  sharedMemory,
}: Source): Pick<SummarySetup, 'soloSharedMemory' | 'sharedMemory'> {
  return {
    ...(soloSharedMemory !== undefined && { soloSharedMemory }),
    ...(sharedMemory !== undefined && { sharedMemory }),
  };
}

function familyOf(folder: string): string {
  const known = SOURCES[folder];
  const model = typeof known === 'function' ? undefined : known?.model;
  return model ?? modelOf(folder.replace(/\/triton\/.*/, '/triton'));
}

/** `PyTorch/Classification/GPUNet/triton/05ms-D` is `gpunet-05ms-d`, `PyTorch/X/triton` is `x`. */
function modelOf(folder: string): string {
  const parts = folder.split('/');
  const at = parts.lastIndexOf('triton');
  const named = at < 1 ? parts.slice(-1) : [parts[at - 1]!, ...parts.slice(at + 1)];
  return named.join('-').toLowerCase();
}
