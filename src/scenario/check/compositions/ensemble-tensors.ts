import type { Path } from '../../../base/path.js';
import { type Ensemble, givesAsked, givesSeveral, stepsInOrder } from '../../composition.js';
import type { EnsembleConfig, ModelConfig, TensorConfig } from '../../model-config.js';
import type { ServedModel } from '../../scenario.js';
import type { Findings } from '../findings.js';

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

/** A step that needs its own answer, or that of a step which waits for it, never begins. */
export function refuseStuckSteps(
  ensemble: Ensemble,
  config: EnsembleConfig,
  at: Path,
  findings: Findings,
): void {
  const begins = new Set(stepsInOrder(ensemble));
  for (const i of ensemble.steps.keys()) {
    if (begins.has(i)) continue;
    findings.problem(
      [...at, i, 'input_map'],
      `the step of "${config.steps[i]!.model}" never begins: it waits for itself`,
      'take the circle out of the maps',
    );
  }
}

/** Triton refuses an ensemble with a tensor that nobody takes (core `model_config_utils.cc` ValidateEnsembleSchedulingConfig). */
export function refuseUnused(
  { steps, outputs, inputs }: Ensemble,
  names: readonly string[],
  at: Path,
  findings: Findings,
): void {
  const taken = new Set([...steps.flatMap(({ needs }) => needs), ...outputs.values()]);
  for (const [tensor, name] of names.entries()) {
    if (taken.has(tensor)) continue;
    const what =
      tensor < inputs ? `no step takes the input "${name}"` : `no step takes "${name}", and it is no output`;
    findings.problem(
      at,
      `${what}: Triton does not load such an ensemble`,
      'map it to an input of a step, or leave it out',
    );
  }
}

/**
 * A step runs once for each response of a decoupled step before it: its tensors, and the answer's, must all come from the same one
 * (`ensemble_utils.cc` ValidateEnsembleConfig).
 */
export function refuseMixedSteps(
  models: readonly ServedModel[],
  stepsAt: (model: number) => Path,
  findings: Findings,
): void {
  for (const [index, { ensemble }] of models.entries()) {
    if (ensemble === undefined) continue;
    const { steps, outputs } = ensemble;
    // Of each tensor the decoupled step that it comes from; -1: none.
    const sources = Array.from({ length: ensemble.tensors }, () => -1);
    const isMixed = (tensors: readonly number[]) =>
      new Set(tensors.map((tensor) => sources[tensor])).size > 1;
    const at = stepsAt(index);
    const what = 'gets tensors from different decoupled steps, or from one and from none';
    const remedy = 'hand all of them on through one step';
    for (const place of stepsInOrder(ensemble)) {
      const { model, needs, gives } = steps[place]!;
      if (isMixed(needs)) findings.problem([...at, place, 'input_map'], `the step ${what}`, remedy);
      const source = givesSeveral(models, model) ? place : (sources[needs[0]!] ?? -1);
      for (const tensor of gives) sources[tensor] = source;
    }
    if (isMixed([...outputs.values()])) findings.problem(at, `the answer ${what}`, remedy);
  }
}

/** Of an ensemble, a step asks for the outputs that it maps, and Triton may leave out more than the others need. */
export function refuseUnanswered(
  models: readonly ServedModel[],
  stepsAt: (model: number) => Path,
  findings: Findings,
): void {
  for (const [index, { ensemble }] of models.entries())
    for (const [place, { model, outputs }] of (ensemble?.steps ?? []).entries()) {
      if (outputs === undefined) continue;
      const { ensemble: called, config } = models[model]!;
      if (called === undefined || givesAsked(called, outputs)) continue;
      findings.problem(
        [...stepsAt(index), place, 'output_map'],
        `Triton answers such requests with an error: of these outputs of "${config.name}" alone ${LEAVES_OUT}`,
        'map all of its outputs',
      );
    }
}

/** What Triton does where not all outputs of an ensemble are asked for. */
export const LEAVES_OUT = 'it leaves out a step that they need (unexpected deadlock)';
