import type { InstanceKind } from '../../src/scenario/model-config.js';
import type { DynamicBatchingFields, ModelConfigFields } from '../../src/scenario/triton/fields.js';
import type { Network } from './networks.js';

/** A model of a test repository: what it does, and how Triton is to schedule it. */
export type RepositoryModel =
  | SleepingModel
  | LockedModel
  | EchoModel
  | ComposedModel
  | EnsembleModel
  | OnnxModel;

interface Scheduling {
  readonly name: string;
  /** 8 where left out; 0: the tensors have no batch dimension. */
  readonly maxBatchSize?: number;
  /** 1 where left out. */
  readonly instances?: number;
  /** `KIND_CPU` where left out. */
  readonly instanceKind?: InstanceKind;
  /** Left out: the default scheduler, which runs each request as it came. `{}`: Triton's own defaults. */
  readonly dynamicBatching?: DynamicBatchingFields;
  /** Further fields of its `config.pbtxt`: sequences, the response cache. */
  readonly config?: ModelConfigFields;
}

interface ScriptedModel extends Scheduling {
  /** Of the one input and output, FP32, without the batch dimension; [1] where left out; -1 is variable. */
  readonly dims?: readonly number[];
  /** Adds an output EXECUTION, INT32 [2]: running number of the execution, items in its batch. */
  readonly reportsExecution?: boolean;
  /** The configuration file says nothing of batch size, tensors and scheduler: Triton asks the model. */
  readonly autoComplete?: boolean;
}

/** Executions take `fixedUs + itemUs * items`, and no processor time. */
interface TimedModel extends ScriptedModel {
  readonly fixedUs: number;
  readonly itemUs: number;
  /** Coefficient of variation of execution times (log-normal); 0 where left out. */
  readonly spread?: number;
}

interface SleepingModel extends TimedModel {
  readonly kind: 'sleeping';
}

/** A sleeping model that takes turns with all others of the same `device`, like time slices on a GPU. */
interface LockedModel extends TimedModel {
  readonly kind: 'locked';
  readonly device: string;
  /** Length of a turn; left out: a whole execution. */
  readonly sliceUs?: number;
}

/** Answers its input at once: what is measured on it is the server. */
interface EchoModel extends ScriptedModel {
  readonly kind: 'echo';
}

/** A sleeping model that then calls others and waits for them, or answers with a stream while its instance is free again. */
interface ComposedModel extends TimedModel {
  readonly kind: 'composed';
  /** As a scenario writes them: one after the other, for each request. A model that streams is decoupled. */
  readonly calls?: readonly { readonly call: string; readonly streams?: boolean }[];
  /** Makes it decoupled; where it is busy, its instance is until the last response has left. */
  readonly responses?: {
    readonly count: number;
    readonly firstMs: number;
    readonly gapMs: number;
    readonly isBusy?: boolean;
  };
}

/** Models that work on one tensor one after the other; each is in the repository. */
interface EnsembleModel extends ScriptedModel {
  readonly kind: 'ensemble';
  readonly steps: readonly string[];
}

/** A network that ONNX Runtime really computes. */
export interface OnnxModel extends Scheduling {
  readonly kind: 'onnx';
  readonly network: Network;
  /**
   * `python` (where left out): in a process per instance, with one thread. `onnxruntime`: Triton's backend of
   * that name, which NVIDIA's images have and `npm run triton` has not.
   */
  readonly backend?: 'python' | 'onnxruntime';
}

/** Left to Triton's own defaults where nothing is said; `none` is the default scheduler. */
type Batching = DynamicBatchingFields | 'none';

function batched(batching: Batching) {
  return batching === 'none' ? {} : { dynamicBatching: batching };
}

/** A model that waits so long for an execution, and so long more for each item of it. */
export function sleeping(
  name: string,
  [fixedUs, itemUs]: readonly [number, number],
  batching: Batching = {},
  more: Partial<SleepingModel> = {},
): SleepingModel {
  return { kind: 'sleeping', name, fixedUs, itemUs, ...batched(batching), ...more };
}

/** As {@link sleeping}, in turns with the others of its device. */
export function locked(
  name: string,
  times: readonly [number, number],
  device: string,
  more: Partial<LockedModel> = {},
): LockedModel {
  return { ...sleeping(name, times), ...more, kind: 'locked', device };
}

export function onnx(
  name: string,
  architecture: Network['architecture'],
  size: number,
  batching: Batching = {},
  more: Partial<OnnxModel> = {},
): OnnxModel {
  return { kind: 'onnx', name, network: { architecture, size }, ...batched(batching), ...more };
}
