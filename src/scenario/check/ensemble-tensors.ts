import type { EnsembleConfig, ModelConfig, TensorConfig } from '../model-config.js';
import type { Findings } from './findings.js';

/** What a model says of a tensor of the ensemble. */
interface Said {
  readonly tensor: TensorConfig;
  readonly model: ModelConfig;
}

/**
 * Triton refuses an ensemble whose models say different things of one of its tensors (`ensemble_utils.cc`
 * ValidateTensorConsistency). Shapes of the ensemble's own tensors are not held against those of its steps: a `reshape` changes them.
 */
export function checkTensors(
  config: EnsembleConfig,
  ensemble: ModelConfig,
  calledBy: (step: number) => ModelConfig | undefined,
  at: readonly (string | number)[],
  findings: Findings,
): void {
  const said = new Map<string, Said>();
  for (const tensor of [...ensemble.inputs, ...ensemble.outputs])
    said.set(tensor.name, { tensor, model: ensemble });
  for (const [i, { inputs, outputs }] of config.steps.entries()) {
    const model = calledBy(i);
    if (model === undefined) continue;
    const sides = [
      { map: 'input_map', mapped: inputs, known: model.inputs },
      { map: 'output_map', mapped: outputs, known: model.outputs },
    ];
    for (const { map, mapped, known } of sides) {
      for (const [name, shared] of mapped) {
        const tensor = known.find((each) => each.name === name);
        if (tensor === undefined) continue;
        const here = { tensor, model };
        const other = said.get(shared);
        if (other === undefined) said.set(shared, here);
        else if (!isConsistent(here, other, ensemble)) {
          const what = `"${shared}" is ${described(other)}, and ${described(here)}`;
          findings.problem([...at, i, map], what, 'give both the same data_type and dims');
        }
      }
    }
  }
}

function isConsistent(a: Said, b: Said, ensemble: ModelConfig): boolean {
  const types = new Set([a, b].map(({ tensor }) => tensor.dataType));
  if (types.size > 1 && !types.has('TYPE_INVALID')) return false;
  if (a.model === ensemble || b.model === ensemble) return true;
  const [dims, others] = [a.tensor.dims, b.tensor.dims];
  if (dims.length === 0 || others.length === 0) return true;
  return fits(dims, others) || fits(wholeDims(a), wholeDims(b));
}

function wholeDims({ tensor, model }: Said): readonly number[] {
  return model.maxBatchSize > 0 ? [-1, ...tensor.dims] : tensor.dims;
}

function fits(dims: readonly number[], others: readonly number[]): boolean {
  return (
    dims.length === others.length &&
    dims.every((dim, i) => dim === others[i] || dim === -1 || others[i] === -1)
  );
}

function described({ tensor, model }: Said): string {
  return `${tensor.dataType} [${tensor.dims.join(', ')}] of "${model.name}"`;
}
