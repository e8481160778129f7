import { MOST_INSTANCES } from '../limits.js';
import type { GroupLimits, InstanceGroup, InstanceKind } from '../model-config.js';
import type { AddProblem } from './config-source.js';
import type { InstanceGroupFields, ModelConfigFields } from './fields.js';
import type { LoadingModel } from './interpret.js';

/**
 * Instance groups with Triton's defaults: one group where none is written, KIND_AUTO resolved to
 * GPU where the server has one, and one instance, or two on the CPU for backends that want it
 * (core `model_config_utils.cc` SetDefaultInstanceCount).
 */
export function interpretInstanceGroups(
  fields: ModelConfigFields,
  model: LoadingModel,
  add: AddProblem,
): InstanceGroup[] {
  const written = fields.instance_group ?? [];
  const groups = written.length > 0 ? written : [{}];
  return groups.map((group, i) => {
    const kind = resolveKind(group, model);
    checkGroup(group, i, kind, model, add);
    return {
      name: group.name || `${model.name}_${i}`,
      kind,
      count: countOf(group) || defaultCount(kind, fields),
      gpus: group.gpus ?? [],
      passive: group.passive ?? false,
      ...(group.rate_limiter !== undefined && { rateLimiter: interpretLimits(group.rate_limiter) }),
    };
  });
}

/** Priority 0 is as 1 (core `rate_limiter.cc:837-846`). */
function interpretLimits({
  resources = [],
  priority = 0,
}: NonNullable<InstanceGroupFields['rate_limiter']>): GroupLimits {
  return {
    resources: resources.map(({ name = '', count = 0, global = false }) => ({ name, count, global })),
    priority: Math.max(1, priority),
  };
}

/** Backends that start two CPU instances unless told otherwise. */
const TWO_ON_CPU = new Set([
  'onnxruntime',
  'tensorflow',
  'onnxruntime_onnx',
  'tensorflow_graphdef',
  'tensorflow_savedmodel',
]);

function defaultCount(kind: InstanceKind, { backend, platform }: ModelConfigFields): number {
  const wantsTwo = TWO_ON_CPU.has(backend ?? '') || TWO_ON_CPU.has(platform ?? '');
  return kind === 'KIND_CPU' && wantsTwo ? 2 : 1;
}

/** The number of instances that a group asks for; 0 where it leaves that to Triton, to which a negative one says nothing. */
function countOf({ count = 0 }: InstanceGroupFields): number {
  return Math.max(0, count);
}

function resolveKind(group: InstanceGroupFields, model: LoadingModel): InstanceKind {
  const kind = group.kind ?? 'KIND_AUTO';
  // Triton starts the engine, which takes its GPUs itself: NVIDIA's templates for TensorRT-LLM say KIND_CPU.
  if (model.hasEngine === true && kind !== 'KIND_GPU') return 'KIND_MODEL';
  if (kind !== 'KIND_AUTO') return kind;
  return model.devices > 0 || (group.gpus ?? []).length > 0 ? 'KIND_GPU' : 'KIND_CPU';
}

function checkGroup(
  group: InstanceGroupFields,
  index: number,
  kind: InstanceKind,
  { devices }: LoadingModel,
  add: AddProblem,
): void {
  const at = ['instance_group', index] as const;
  const { gpus = [] } = group;
  const count = countOf(group);
  if (count > MOST_INSTANCES) {
    add([...at, 'count'], `${count} instances`, `write 1 to ${MOST_INSTANCES}`);
  }
  if (kind !== 'KIND_GPU') {
    if (gpus.length > 0) add([...at, 'gpus'], `a group of ${kind} has no GPUs`, 'leave gpus out');
    return;
  }
  if (devices === 0) {
    add([...at, 'kind'], 'the server has no device for it', 'list the GPU under devices, or write KIND_CPU');
    return;
  }
  const known = devices === 1 ? '0' : `0 to ${devices - 1}`;
  for (const [i, gpu] of gpus.entries()) {
    if (gpu < 0 || gpu >= devices) {
      add([...at, 'gpus', i], `the server has no GPU ${gpu}`, `write ${known}, or list it under devices`);
    } else if (gpus.indexOf(gpu) < i) {
      add([...at, 'gpus', i], `GPU ${gpu} is listed twice`, 'raise count instead');
    }
  }
}
