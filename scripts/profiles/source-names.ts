import type { Row } from '../support/source-table.js';

/** Where NVIDIA's tables are, and at which commit. */
export const SOURCE = 'NVIDIA/DeepLearningExamples@729963d';

/** Where ParvaGPU's are. */
export const PARVAGPU_SOURCE = 'MunQ-Lee/ParvaGPU_SC24@5f3de1e';

/** Device kind by the name that NVIDIA's tables give the machine. */
const DEVICES: Readonly<Record<string, string>> = {
  'NVIDIA T4': 'Tesla T4',
  'NVIDIA DGX-1 (1x V100 32GB)': 'V100-32GB',
  'NVIDIA DGX A100 (1x A100 80GB)': 'A100-80GB',
  'NVIDIA A30': 'A30',
  'NVIDIA A40': 'A40',
};

/** The machine of a row without the precision that some of them name after it. */
export function machineOf(row: Row): string {
  return row['gpu']!.replace(/ with FP\d+$/, '');
}

/** Device kind of a row; a machine that is not known stands for itself. */
export function deviceOf(row: Row): string {
  const machine = machineOf(row);
  return DEVICES[machine] ?? machine.replace(/^NVIDIA /, '');
}

/** The backends of these tables as names of models have them. */
const BACKENDS: Readonly<Record<string, string>> = {
  'ONNX Runtime': 'onnx',
  'NVIDIA TensorRT': 'trt',
  PyTorch: 'pytorch',
  TensorFlow: 'tensorflow',
};

export function backendOf(row: Row): string {
  const backend = row['backend']!;
  return BACKENDS[backend] ?? backend.toLowerCase().replaceAll(/\W+/g, '-');
}

/** The folder of a row's page in the source. */
export function folderOf(row: Row): string {
  return row['source_path']!.replace(/\/README\.md$/, '');
}

/** A model as a row has set it up: `resnet50-onnx-trt-fp16`. */
export function setUpName(model: string, row: Row, table?: number): string {
  const accelerated = /TensorRT/.test(row['accelerator']!) ? 'trt' : undefined;
  const parts = [model, backendOf(row), accelerated, row['precision']!.toLowerCase()];
  return [...parts, table === undefined ? undefined : `table${table}`]
    .filter((part) => part !== undefined)
    .join('-');
}

/** Slices of an A100-80GB by their number of compute slices (NVIDIA MIG user guide). */
export const A100_SLICES: Readonly<Record<number, string>> = {
  1: '1g.10gb',
  2: '2g.20gb',
  3: '3g.40gb',
  4: '4g.40gb',
  7: '7g.80gb',
};

/** Device kind of a slice of an A100-80GB. */
export function sliceKind(slice: string): string {
  return `A100-80GB MIG ${slice}`;
}

/** Folder of the profiles by device kind. */
export const PROFILE_FOLDERS: Readonly<Record<string, string>> = {
  'Tesla T4': 't4',
  'V100-32GB': 'v100-32gb',
  'A100-80GB': 'a100-80gb',
  A30: 'a30',
  A40: 'a40',
};
