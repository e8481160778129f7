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
}

/** 224 x 224 pixels, three colours, FP32. */
const IMAGE_BYTES = 224 * 224 * 3 * 4;

/**
 * By folder of NVIDIA/DeepLearningExamples@729963d. Batching as in each folder's README and parameter files
 * (`setup_parameters.sh`, `runner/config_*.yaml`): the value that the tables print without a unit is handed to
 * `--max-queue-delay-us`, so it is microseconds; ResNet-50 on ONNX Runtime is configured with
 * `--max-queue-delay-us 0 --preferred-batch-sizes ${MAX_BATCH_SIZE}`.
 */
export const SOURCES: Readonly<Record<string, Source>> = {
  'PyTorch/Classification/ConvNets/triton/resnet50': {
    model: 'resnet50',
    isCnn: true,
    requestBytes: IMAGE_BYTES,
    responseBytes: 4000,
    preferredBatchSizes: [128],
    maxQueueDelayUs: 0,
  },
  'TensorFlow/Classification/ConvNets/triton': {
    model: 'resnet50',
    isCnn: true,
    requestBytes: IMAGE_BYTES,
    responseBytes: 4008,
    preferredBatchSizes: [64, 128],
    maxQueueDelayUs: 1,
  },
  'PyTorch/Segmentation/nnUNet/triton': {
    model: 'nnunet',
    isCnn: true,
    requestBytes: 0,
    responseBytes: 0,
    maxBatchSize: 4,
    instances: 1,
    preferredBatchSizes: [2, 4],
    maxQueueDelayUs: 1,
  },
  'PyTorch/SpeechSynthesis/FastPitch/triton': {
    model: 'fastpitch',
    isCnn: false,
    requestBytes: 0,
    responseBytes: 0,
    preferredBatchSizes: [4, 8],
    maxQueueDelayUs: 1,
  },
  'PyTorch/Forecasting/TFT/triton': {
    model: 'tft',
    isCnn: false,
    requestBytes: 0,
    responseBytes: 0,
    preferredBatchSizes: [512, 1024],
    maxQueueDelayUs: 1,
  },
  'TensorFlow2/Recommendation/WideAndDeep/triton': {
    model: 'wide-and-deep',
    isCnn: false,
    requestBytes: 0,
    responseBytes: 0,
    preferredBatchSizes: [],
    maxQueueDelayUs: 1,
  },
};

/** Device kinds by the source's names of its machines. */
export const DEVICES: Readonly<Record<string, string>> = {
  'NVIDIA T4': 'Tesla T4',
  'NVIDIA DGX-1 (1x V100 32GB)': 'V100-32GB',
  'NVIDIA DGX A100 (1x A100 80GB)': 'A100-80GB',
  'NVIDIA A30': 'A30',
  'NVIDIA A40': 'A40',
};

export const BACKENDS: Readonly<Record<string, string>> = {
  'ONNX Runtime': 'onnx',
  'NVIDIA TensorRT': 'trt',
  PyTorch: 'pytorch',
  TensorFlow: 'tensorflow',
};
