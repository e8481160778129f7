import type { EnsembleConfig, ModelConfig, TensorConfig } from '../model-config.js';
import type { Findings } from './findings.js';

/** What a model says of a tensor of the ensemble. */
interface Said {
  readonly tensor: TensorConfig;
  readonly model: ModelConfig;
}

/** What a step says of one, and where it is mapped. */
interface Mapped extends Said {
  readonly shared: string;
  readonly map: 'input_map' | 'output_map';
  readonly step: number;
}

type CalledBy = (step: number) => ModelConfig | undefined;

/**
 * Triton refuses an ensemble whose models say different things of one of its tensors (`ensemble_utils.cc`
 * ValidateTensorConsistency). Shapes of the ensemble's own tensors are not held against those of its steps: a `reshape` changes them.
 */
export function checkTensors(
  { steps }: Pick<EnsembleConfig, 'steps'>,
  ensemble: ModelConfig,
  calledBy: CalledBy,
  at: readonly (string | number)[],
  findings: Findings,
): void {
  const own = [...ensemble.inputs, ...ensemble.outputs];
  const said = new Map<string, Said>(own.map((tensor) => [tensor.name, { tensor, model: ensemble }]));
  for (const { shared, step, map, ...here } of steps.flatMap((_, step) => mappedBy(steps, step, calledBy))) {
    const other = said.get(shared);
    if (other === undefined) said.set(shared, here);
    else if (!isConsistent(here, other, ensemble)) {
      const what = `"${shared}" is ${described(other)}, and ${described(here)}`;
      findings.problem([...at, step, map], what, 'give both the same data_type and dims');
    }
  }
}

/** Nothing where its model, or a tensor of that name, is not known. */
function mappedBy(steps: EnsembleConfig['steps'], step: number, calledBy: CalledBy): Mapped[] {
  const model = calledBy(step);
  if (model === undefined) return [];
  const of = (map: Mapped['map'], mapped: ReadonlyMap<string, string>, known: readonly TensorConfig[]) =>
    [...mapped].flatMap(([name, shared]): Mapped[] => {
      const tensor = known.find((each) => each.name === name);
      return tensor === undefined ? [] : [{ tensor, model, shared, map, step }];
    });
  const { inputs, outputs } = steps[step]!;
  return [...of('input_map', inputs, model.inputs), ...of('output_map', outputs, model.outputs)];
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
