import type { Problem } from '../../base/problem.js';

/** What was read of a model's folder in a Triton model repository. */
export interface ModelFolder {
  readonly name: string;
  /** Path of the folder, as messages name it. */
  readonly path: string;
  /** Text of its config.pbtxt; absent where it has none. */
  readonly config?: string;
  /** Name of a file that becomes its config.pbtxt when it is filled in, where it has none: `config_template.pbtxt`. */
  readonly template?: string;
  /** Its version folders, ascending. */
  readonly versions: readonly ModelVersion[];
  /** Why something in it could not be read; the model is left out then. */
  readonly problems?: readonly Problem[];
}

export interface ModelVersion {
  readonly version: number;
  /** Names of the files and folders in it. */
  readonly files: readonly string[];
  /** Text of its model.py, and of the files beside it that it imports; absent where it has none. */
  readonly python?: string;
  /** Text of its model.json, where vLLM has its arguments; absent where it has none. */
  readonly settings?: string;
}

/** As Triton reads names of folders: a number without a zero at its head is a version. */
export function versionOf(name: string): number | undefined {
  return /^[1-9]\d{0,14}$/.test(name) ? Number(name) : undefined;
}

/** How problems name the file: its path follows from the model. */
export const CONFIG_FILE = 'config.pbtxt';
