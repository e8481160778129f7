import { given } from '../../../base/given.js';
import type { Path } from '../../../base/path.js';
import {
  type CallStep,
  calledModels,
  type Ensemble,
  type EnsembleStep,
  givesSeveral,
  type ModelCall,
} from '../../composition.js';
import type { EnsembleConfig } from '../../model-config.js';
import { isSince } from '../../release.js';
import type { ServedModel } from '../../scenario.js';
import type { ServedModelSpec } from '../../spec/server-spec.js';
import { type Findings, suggest } from '../findings.js';
import {
  checkTensors,
  refuseMixedSteps,
  refuseStuckSteps,
  refuseUnanswered,
  refuseUnused,
} from './ensemble-tensors.js';

/** A model that could be resolved, where it is written, and as what. */
export interface LocatedModel {
  readonly model: ServedModel;
  readonly spec: ServedModelSpec;
  readonly path: Path;
}

/** What is known of the server besides its models that could be resolved. */
interface AroundModels {
  /** Of all its models. */
  readonly names: readonly string[];
  /** Of Triton. */
  readonly release: string;
}

/** Where steps of an ensemble are written. */
const SCHEDULING = ['config', 'ensemble_scheduling'];

/** `max_inflight_requests` is in no configuration of an earlier release. */
const LIMITS_SINCE = '25.11';

/** Gives ensembles their steps and models that call others their calls, all by index on the server. */
export function withCompositions(
  located: readonly LocatedModel[],
  { names, release }: AroundModels,
  findings: Findings,
): ServedModel[] {
  const found = new Map(located.map(({ model }, index) => [model.config.name, index]));
  const isWhole = located.length === names.length;
  const find = (name: string, path: Path): number => {
    const index = found.get(name);
    if (index === undefined && !names.includes(name)) {
      const what = `the server serves no model "${name}", which is called here`;
      findings.problem(path, what, suggest(name, names));
    }
    return index ?? -1;
  };
  const models = located.map(({ model, spec, path }) => {
    const { ensemble: config } = model.config;
    if (config !== undefined) {
      const scheduling = [...path, ...SCHEDULING];
      const at = [...scheduling, 'step'];
      if (config.maxInFlight !== undefined && !isSince(release, LIMITS_SINCE))
        findings.problem(
          [...scheduling, 'max_inflight_requests'],
          `Triton ${release} has no such field`,
          `write triton: {version: "${LIMITS_SINCE}"} or later, or leave it out`,
        );
      return { ...model, ensemble: resolveEnsemble({ config, model, at, located, find }, findings) };
    }
    return spec.calls === undefined
      ? model
      : { ...model, calls: resolveCalls(spec.calls, [...path, 'calls'], { model, located, find }, findings) };
  });
  if (isWhole) {
    const stepsAt = (model: number): Path => [...located[model]!.path, ...SCHEDULING, 'step'];
    const before = findings.list.problems.length;
    refuseCycles(models, located, findings);
    if (findings.list.problems.length === before) {
      refuseMixedSteps(models, stepsAt, findings);
      refuseUnanswered(models, stepsAt, findings);
      refuseKeptResponses(models, located, findings);
    }
  }
  return models.map(withoutMissing);
}

/** Triton calls an ensemble decoupled where a step is, and loads no decoupled model with a response cache (seen on a real 24.10). */
function refuseKeptResponses(
  models: readonly ServedModel[],
  located: readonly LocatedModel[],
  findings: Findings,
): void {
  for (const [index, { ensemble, config }] of models.entries())
    if (ensemble && config.responseCache && givesSeveral(models, index))
      findings.problem(
        [...located[index]!.path, 'config', 'response_cache', 'enable'],
        'answers of decoupled models cannot be kept',
        'write false',
      );
}

/** Of a scenario with problems: further checks find every model that a step or a call still names. */
function withoutMissing({ ensemble, calls, ...model }: ServedModel): ServedModel {
  const isThere = (called: { readonly model: number }) => called.model >= 0;
  return {
    ...model,
    ...(ensemble && { ensemble: { ...ensemble, steps: ensemble.steps.filter(isThere) } }),
    ...(calls && {
      calls: calls.map((step) => ('calls' in step ? { ...step, calls: step.calls.filter(isThere) } : step)),
    }),
  };
}

type Find = (name: string, path: Path) => number;

interface EnsembleSurroundings {
  readonly config: EnsembleConfig;
  readonly model: ServedModel;
  readonly at: Path;
  readonly located: readonly LocatedModel[];
  readonly find: Find;
}

/** Without a value an engine streams nothing (vllm_backend `model.py`: stream; tensorrtllm_backend: streaming). */
const STREAMING_INPUTS = ['stream', 'streaming'];

function resolveEnsemble(surroundings: EnsembleSurroundings, findings: Findings): Ensemble {
  const { config, model, at, located, find } = surroundings;
  const tensors = new Map<string, number>();
  for (const { name } of model.config.inputs) tensors.set(name, tensors.size);
  const inputs = tensors.size;
  for (const [i, { outputs }] of config.steps.entries()) {
    for (const tensor of outputs.values()) {
      if (tensors.has(tensor))
        findings.problem(
          [...at, i, 'output_map'],
          `"${tensor}" has two sources`,
          'give each tensor one name of its own',
        );
      tensors.set(tensor, tensors.size);
    }
  }
  const steps = config.steps.map((step, i): EnsembleStep => {
    const index = find(step.model, [...at, i, 'model_name']);
    const called = located[index]?.model;
    if (called !== undefined) checkStep(step, called, { ensemble: model, path: [...at, i] }, findings);
    const needs = [...step.inputs.values()].flatMap((tensor) => {
      if (!tensors.has(tensor))
        findings.problem(
          [...at, i, 'input_map'],
          `no step and no input of the ensemble gives "${tensor}"`,
          suggest(tensor, [...tensors.keys()]),
        );
      return tensors.get(tensor) ?? [];
    });
    const gives = [...step.outputs.values()].map((tensor) => tensors.get(tensor)!);
    const isPart = called?.config.ensemble !== undefined && called.config.outputs.length > step.outputs.size;
    const asksForWhole = called?.engine && !STREAMING_INPUTS.some((name) => step.inputs.has(name));
    return {
      ...{ model: index, needs, gives },
      ...(isPart && { outputs: [...step.outputs.keys()] }),
      ...(asksForWhole === true && { asksForWhole }),
    };
  });
  checkTensors(config, model.config, (i) => located[steps[i]!.model]?.model.config, at, findings);
  const outputs = new Map(
    model.config.outputs.flatMap(({ name }) => {
      const tensor = tensors.get(name);
      if (tensor === undefined)
        findings.problem(at, `no step gives the output "${name}"`, 'map an output of a step to it');
      return tensor === undefined ? [] : [[name, tensor] as const];
    }),
  );
  const more = given({ maxInFlight: config.maxInFlight });
  const ensemble = { steps, inputs, tensors: tensors.size, outputs, ...more };
  refuseStuckSteps(ensemble, config, at, findings);
  refuseUnused(ensemble, [...tensors.keys()], at, findings);
  return ensemble;
}

/** Triton refuses an ensemble whose steps do not fit their models (`ensemble_utils.cc` ValidateEnsembleConfig). */
function checkStep(
  step: EnsembleConfig['steps'][number],
  { config: called }: ServedModel,
  { ensemble, path }: { readonly ensemble: ServedModel; readonly path: Path },
  findings: Findings,
): void {
  const { maxBatchSize } = ensemble.config;
  // One without a batch dimension takes tensors whole: its shapes are its own.
  if (called.maxBatchSize > 0 && called.maxBatchSize < maxBatchSize)
    findings.problem(
      [...path, 'model_name'],
      `the ensemble takes batches of ${maxBatchSize}, "${called.name}" only of ${called.maxBatchSize}`,
      `write max_batch_size ${called.maxBatchSize} for the ensemble`,
    );
  const sides = [
    { map: 'input_map', mapped: step.inputs, known: called.inputs },
    { map: 'output_map', mapped: step.outputs, known: called.outputs },
  ];
  for (const { map, mapped, known } of sides) {
    if (known.length === 0) continue;
    const names = known.map(({ name }) => name);
    for (const name of mapped.keys())
      if (!names.includes(name))
        findings.problem([...path, map], `"${called.name}" has no tensor "${name}"`, suggest(name, names));
  }
  for (const { name, optional } of called.inputs)
    if (!optional && !step.inputs.has(name))
      findings.problem(
        [...path, 'input_map'],
        `the input "${name}" of "${called.name}" is not mapped`,
        'map it, or say that it is optional',
      );
}

interface CallSurroundings {
  /** The one that calls. */
  readonly model: ServedModel;
  readonly located: readonly LocatedModel[];
  readonly find: Find;
}

function resolveCalls(
  specs: NonNullable<ServedModelSpec['calls']>,
  path: Path,
  surroundings: CallSurroundings,
  findings: Findings,
): CallStep[] {
  const one = (spec: CallFields, at: Path): ModelCall => resolveCall(spec, at, surroundings, findings);
  return specs.flatMap((spec, i): CallStep[] => {
    const { call, parallel, ownMs = 0, times = 1 } = spec;
    if (call !== undefined) {
      const step = { calls: [one({ ...spec, call }, [...path, i])], atOnce: false };
      return Array.from({ length: times }, () => step);
    }
    if (parallel === undefined) return [{ ownUs: ownMs * 1000 }];
    return [{ calls: parallel.map((each, j) => one(each, [...path, i, 'parallel', j])), atOnce: true }];
  });
}

/** A model whose tensors have no batch dimension takes one inference a call. */
function resolveCall(
  { call, per = 'request', probability = 1, inferences }: CallFields,
  at: Path,
  { model: { config }, located, find }: CallSurroundings,
  findings: Findings,
): ModelCall {
  const model = find(call, [...at, 'call']);
  const most = located[model]?.model.config.maxBatchSize ?? Number.POSITIVE_INFINITY;
  const limit = Math.max(1, most);
  const largest = inferences ?? (most === 0 ? 1 : Math.max(1, config.maxBatchSize));
  if (inferences !== undefined ? inferences > limit : per === 'batch' && largest > limit)
    findings.problem(
      [...at, inferences === undefined ? 'per' : 'inferences'],
      `up to ${largest} inferences in a call, but max_batch_size of "${call}" is ${most}`,
      `write inferences, at most ${limit}`,
    );
  return { model, per, probability, inferences: inferences ?? (most === 0 ? 1 : undefined) };
}

type CallFields = Pick<
  NonNullable<ServedModelSpec['calls']>[number],
  'per' | 'probability' | 'inferences'
> & {
  readonly call: string;
};

/** A model that calls itself, through others or not, holds the instance for which it waits; nothing in Triton finds that. */
function refuseCycles(
  models: readonly ServedModel[],
  located: readonly LocatedModel[],
  findings: Findings,
): void {
  const nameOf = (index: number) => models[index]!.config.name;
  const seen = new Set<number>();
  const visit = (index: number, trail: readonly number[]): void => {
    const at = trail.indexOf(index);
    if (at >= 0) {
      const circle = [...trail.slice(at), index].map(nameOf).join(' > ');
      const what = `${circle}: it calls itself, and waits for ever once all its instances do`;
      findings.problem(located[index]!.path, what, 'take the circle out');
      return;
    }
    if (seen.has(index)) return;
    seen.add(index);
    for (const called of calledModels(models[index]!)) if (called >= 0) visit(called, [...trail, index]);
  };
  for (const index of models.keys()) visit(index, []);
}
