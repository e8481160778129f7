import type { Path } from '../../base/path.js';
import type { ModelProfile } from '../../profile/profile.js';
import type { Findings } from '../../scenario/check/findings.js';
import { MOST_GPUS } from '../../scenario/limits.js';
import type { ModelConfig } from '../../scenario/model-config.js';
import type { ScenarioResources } from '../../scenario/resources.js';
import type { ConfigSource } from '../../scenario/triton/config-source.js';
import type { ModelConfigFields } from '../../scenario/triton/fields.js';
import { interpretModelConfig } from '../../scenario/triton/interpret.js';
import { readModelConfigText } from '../../scenario/triton/model-config-text.js';
import { plainFields } from '../../scenario/triton/plain-fields.js';
import { callsOf } from '../bound/called.js';
import type { ServedPart } from '../problem-setting.js';
import type { PlanSpec } from '../spec.js';

/** A model of the plan before anything is known of devices. */
export interface PlannedModel
  extends Pick<
    ServedPart,
    'model' | 'fields' | 'memoryMb' | 'calls' | 'overlapping' | 'responses' | 'iterations' | 'engine'
  > {
  readonly profileNames: readonly string[];
  /** Where the plan speaks of it. */
  readonly path: Path;
  readonly config?: ModelConfig;
}

/** What tenants of one model, or of several that have models in common, are served by. */
export interface PlannedWorkload {
  /** The models that tenants ask for. */
  readonly entries: readonly string[];
  /** The models that execute: those themselves, of ensembles' steps, and those that are called. */
  readonly parts: readonly PlannedModel[];
  /** Ensembles among all these. */
  readonly ensembles: readonly { readonly model: string; readonly fields: ModelConfigFields }[];
}

/** What the tenants of a plan ask for, with what `models` says of it. */
export function planWorkloads(
  spec: PlanSpec,
  resources: ScenarioResources,
  findings: Findings,
): readonly PlannedWorkload[] {
  const { models = [], tenants } = spec;
  findings.distinct(
    models.map(({ name }, i) => ({ name, path: ['models', i, 'name'] })),
    'model',
  );
  const known = new Map(models.map((_, i) => [models[i]!.name, readModel(spec, i, resources, findings)]));
  const asked = new Map([...tenants.entries()].reverse().map(([t, { model }]) => [model, t]));
  const workloads = [...asked]
    .reverse()
    .map(([model, t]) => workloadOf(model, ['tenants', t, 'model'], known, findings));
  return joined(workloads);
}

/** Those that have a model in common are one: it is served once, and all that use it are beside it. */
function joined(workloads: readonly PlannedWorkload[]): readonly PlannedWorkload[] {
  let found: PlannedWorkload[] = [];
  for (const workload of workloads) {
    const names = namesIn(workload);
    const met = found.filter((other) => namesIn(other).some((name) => names.includes(name)));
    const [first] = met;
    if (first === undefined) found.push(workload);
    else
      found = found
        .filter((other) => other === first || !met.includes(other))
        .map((other) => (other === first ? union([...met, workload]) : other));
  }
  return found;
}

function namesIn({ parts, ensembles }: PlannedWorkload): readonly string[] {
  return [...parts, ...ensembles].map(({ model }) => model);
}

function union(workloads: readonly PlannedWorkload[]): PlannedWorkload {
  const distinct = <Model extends { readonly model: string }>(models: readonly Model[]) => [
    ...new Map(models.map((one) => [one.model, one])).values(),
  ];
  return {
    entries: workloads.flatMap(({ entries }) => entries),
    parts: distinct(workloads.flatMap(({ parts }) => parts)),
    ensembles: distinct(workloads.flatMap(({ ensembles }) => ensembles)),
  };
}

/** Whether all its instances run on the host's cores, whatever GPU is beside. */
export function isOnHost({ config }: PlannedModel): boolean {
  const groups = config?.instanceGroups.filter(({ passive }) => !passive) ?? [];
  return groups.length > 0 && groups.every(({ kind }) => kind === 'KIND_CPU');
}

/** Its profile on a device: under the first of its names that has one there. */
export function profileOf(
  { profileNames }: PlannedModel,
  device: string,
  profiles: readonly ModelProfile[],
): ModelProfile | undefined {
  const there = profiles.filter((each) => each.device === device);
  const name = profileNames.find((one) => there.some(({ model }) => model === one));
  return there.find(({ model }) => model === name);
}

function readModel(
  { models = [] }: PlanSpec,
  index: number,
  { configs }: ScenarioResources,
  findings: Findings,
): PlannedModel {
  const { name, profile = name, config: written, ...said } = models[index]!;
  const path = ['models', index];
  const told = { ...said, model: name, profileNames: [profile].flat(), path };
  if (written === undefined) return told;
  const source = readConfig(written, [...path, 'config'], configs, findings);
  const config =
    source &&
    interpretModelConfig(
      source,
      { name, devices: MOST_GPUS, hasEngine: said.engine !== undefined },
      findings.list,
    );
  if (source === undefined || config === undefined) return told;
  return { ...told, config, fields: plainFields(source.fields, true) };
}

function readConfig(
  written: string | ModelConfigFields,
  path: Path,
  configs: ScenarioResources['configs'],
  findings: Findings,
): ConfigSource | undefined {
  if (typeof written !== 'string')
    return { fields: written, placeOf: (inner) => findings.positionOf([...path, ...inner]) };
  const file = findings.take(configs.get(written), path);
  return file && readModelConfigText(file.text, file.file, findings.list);
}

/** A model with all that it calls, or an ensemble with all models of its steps. */
function workloadOf(
  model: string,
  path: Path,
  known: ReadonlyMap<string, PlannedModel>,
  findings: Findings,
): PlannedWorkload {
  const parts = new Map<string, PlannedModel>();
  const ensembles = new Map<string, { model: string; fields: ModelConfigFields }>();
  const take = (name: string) => {
    if (parts.has(name) || ensembles.has(name)) return;
    const planned = known.get(name) ?? { model: name, profileNames: [name], path };
    const { config, fields } = planned;
    const isEnsemble = config?.ensemble !== undefined && fields !== undefined;
    if (isEnsemble) ensembles.set(name, { model: name, fields });
    else parts.set(name, planned);
    const called = isEnsemble
      ? config.ensemble.steps.map((step) => ({ model: step.model, at: 'config', what: 'has a step of' }))
      : callsOf(planned).map(({ call }) => ({ model: call, at: 'calls', what: 'calls' }));
    for (const { model: other, at, what } of called) {
      if (!known.has(other))
        findings.problem(
          [...planned.path, at],
          `"${name}" ${what} "${other}", which models does not name`,
          'write it there, with its profile and config',
        );
      take(other);
    }
  };
  take(model);
  return { entries: [model], parts: [...parts.values()], ensembles: [...ensembles.values()] };
}
