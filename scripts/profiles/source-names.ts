/** Where NVIDIA's tables are, and at which commit. */
export const SOURCE = 'NVIDIA/DeepLearningExamples@729963d';

/** Device kind by the name that NVIDIA's tables give the machine. */
export const DEVICES: Readonly<Record<string, string>> = {
  'NVIDIA T4': 'Tesla T4',
  'NVIDIA DGX-1 (1x V100 32GB)': 'V100-32GB',
  'NVIDIA DGX A100 (1x A100 80GB)': 'A100-80GB',
  'NVIDIA A30': 'A30',
  'NVIDIA A40': 'A40',
};

/** A machine of these tables without the precision that some of them name after it. */
export function machineIn(cell: string): string {
  return cell.replace(/ with FP\d+$/, '');
}

/** The backends of these tables as names of models have them. */
export const BACKENDS: Readonly<Record<string, string>> = {
  'ONNX Runtime': 'onnx',
  'NVIDIA TensorRT': 'trt',
  PyTorch: 'pytorch',
  TensorFlow: 'tensorflow',
};

/** Slices of an A100-80GB by their number of compute slices (NVIDIA MIG user guide). */
export const A100_SLICES: Readonly<Record<number, string>> = {
  1: '1g.10gb',
  2: '2g.20gb',
  3: '3g.40gb',
  4: '4g.40gb',
  7: '7g.80gb',
};
