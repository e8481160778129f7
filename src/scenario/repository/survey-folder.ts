import { given } from '../../base/given.js';
import { type Problem, ProblemList, problemsOf } from '../../base/problem.js';
import { MOST_GPUS } from '../limits.js';
import { isTensorRt, type ModelConfig } from '../model-config.js';
import { parsePbtxt } from '../pbtxt/parser.js';
import type { ConfigSource } from '../triton/config-source.js';
import type { ModelConfigFields } from '../triton/fields.js';
import { interpretModelConfig } from '../triton/interpret.js';
import { readModelConfigText } from '../triton/model-config-text.js';
import { isIgnored, plainFields } from '../triton/plain-fields.js';
import { backendByFiles, completedConfig, completedFields, setsUnread } from './auto-complete.js';
import { engineGpus, parameterTexts, type SurveyedEngine, surveyEngine, WITHOUT_EFFECT } from './engine.js';
import { CONFIG_FILE, type ModelFolder } from './model-folder.js';
import { overlaps, type PythonCalls, pythonCalls } from './python-calls.js';
import { fillTemplate, type Placeholder } from './templates.js';
import { servedVersions, severalVersions } from './versions.js';

export interface SurveyedModel {
  readonly name: string;
  readonly folder: ModelFolder;
  readonly config: ModelConfig;
  /** Its configuration as the scenario must write it, where the file does not say it all. */
  readonly inline?: Readonly<Record<string, unknown>>;
  /** Models that its steps call, where it is an ensemble. */
  readonly steps?: readonly string[];
  /** The engine that forms its batches, where Triton does not. */
  readonly engine?: SurveyedEngine;
  readonly calls?: PythonCalls;
  /** What Triton takes from its network is a guess here: its repository has no configuration of it, or one without tensors. */
  readonly isCompleted?: boolean;
  /** Those of its versions that Triton serves; none where it has no version folder. */
  readonly served: readonly number[];
  /** What a simulation leaves out of it. */
  readonly remarks: readonly string[];
}

export interface FolderSurvey {
  readonly model?: SurveyedModel;
  /** Why a scenario cannot have it. Files are named from the folder of the model. */
  readonly problems?: readonly Problem[];
  /** Placeholders that must have a value before more can be said. */
  readonly missing?: readonly Placeholder[];
  readonly placeholders: ReadonlySet<string>;
}

/**
 * What a scenario can make of one folder of a model repository.
 * @param values of placeholders, by name
 */
export function surveyFolder(folder: ModelFolder, values: ReadonlyMap<string, string>): FolderSurvey {
  const none = new Set<string>();
  if (folder.problems !== undefined) return { problems: folder.problems, placeholders: none };
  if (folder.config === undefined) return { ...surveyCompleted(folder), placeholders: none };
  const { text, names, missing } = fillTemplate(folder.config, values);
  return { ...surveyText(folder, text, missing, names.size > 0), placeholders: names };
}

type Surveyed = Omit<FolderSurvey, 'placeholders'>;

function surveyText(
  folder: ModelFolder,
  text: string,
  missing: readonly Placeholder[],
  isTemplate: boolean,
): Surveyed {
  const problems = new ProblemList();
  const source = readModelConfigText(text, CONFIG_FILE, problems);
  if (source === undefined && /\{[{%]/.test(text)) return { problems: [TEMPLATE] };
  const hasEngine = source !== undefined && surveyEngine(folder, source.fields) !== undefined;
  const needed = missing.filter((placeholder) => hasEffect(placeholder, text, hasEngine));
  if (needed.length > 0) return { missing: needed };
  if (source === undefined || problems.problems.length > 0) {
    // Everything is told at once, also what is wrong beyond what cannot be read.
    if (source !== undefined) interpretModelConfig(source, { ...loading(folder), hasEngine }, problems);
    return { problems: problems.problems };
  }
  const { model, ...rest } = surveyFields(folder, source, isTemplate);
  return model === undefined
    ? rest
    : { model: { ...model, remarks: [...model.remarks, ...unfilledRemarks(missing)] } };
}

/** Of Helm or Jinja, say. */
const TEMPLATE: Problem = {
  file: CONFIG_FILE,
  what: 'it is a template with {{ or {%',
  remedy: 'fill it in, and name the repository with the result',
};

function unfilledRemarks(missing: readonly Placeholder[]): string[] {
  const names = [...new Set(missing.map(({ name }) => `\${${name}}`))];
  return names.length === 0 ? [] : [`to fill in before you deploy, without effect here: ${names.join(', ')}`];
}

function surveyCompleted(folder: ModelFolder): Surveyed {
  if (folder.template !== undefined) {
    const remedy = `fill it in, and save it as ${CONFIG_FILE}`;
    return {
      problems: [{ file: folder.template, what: `it is a template, and there is no ${CONFIG_FILE}`, remedy }],
    };
  }
  const fields = completedConfig(folder);
  if (fields === undefined) {
    const remedy = 'save what the server answers to ModelConfig as one';
    return {
      problems: [{ file: CONFIG_FILE, what: 'there is none, and its files do not tell its backend', remedy }],
    };
  }
  const source = { fields, placeOf: () => ({ file: CONFIG_FILE }) };
  const { model, ...rest } = surveyFields(folder, source, true);
  return model === undefined ? rest : { model: { ...model, isCompleted: true } };
}

function surveyFields(folder: ModelFolder, source: ConfigSource, mustInline: boolean): Surveyed {
  const engine = surveyEngine(folder, source.fields);
  const named = withBackend(source.fields, folder);
  const completed = completedFields(named, folder);
  const fields = engine === undefined ? completed : fieldsBesideEngine(completed);
  const problems = new ProblemList();
  const hasEngine = engine !== undefined;
  const config = interpretModelConfig({ ...source, fields }, { ...loading(folder), hasEngine }, problems);
  if (config === undefined) return { problems: problems.problems };
  const steps = fields.ensemble_scheduling?.step?.map((step) => step.model_name ?? '');
  const { decoupled: isDecoupled = false } = config;
  const isOverlapping = folder.versions.some(({ python = '' }) => overlaps(python, isDecoupled));
  const called = steps === undefined ? callsOf(folder, fields) : undefined;
  const calls = called && engine === undefined ? { ...called, isOverlapping } : undefined;
  const isChanged = completed !== named || completesBackend(source.fields, config);
  const isGuessed =
    config.backend === 'python'
      ? setsUnread(folder.versions.at(-1)?.python ?? '')
      : completed.max_batch_size !== named.max_batch_size;
  const served = servedVersions(fields, folder.versions);
  const remarks =
    folder.versions.length > 0
      ? severalVersions(served)
      : ['it has no version folder, so that Triton loads none of it as it is'];
  return {
    model: {
      name: folder.name,
      folder,
      config,
      ...((mustInline || isChanged) && { inline: plainFields(fields, true) }),
      ...given({ engine, steps, calls }),
      ...(isGuessed && { isCompleted: true }),
      served,
      remarks: [
        ...remarks,
        ...(isOverlapping && !isDecoupled && (called ?? engine) === undefined ? [ANSWERS_LATER] : []),
        ...(engine === undefined ? [] : [...engineGpus(folder, fields), ...callsOfEngine(called)]),
      ],
    },
  };
}

/** Its `responses` say what comes after an execution, where it is decoupled. */
const ANSWERS_LATER =
  'Triton hands it further requests while threads of its own make its answers, and here its instance waits: give it an instance for each request that it serves at once';

function callsOfEngine(calls: PythonCalls | undefined): readonly string[] {
  if (calls === undefined) return [];
  const names = calls.models.length === 0 ? 'another model' : calls.models.join(', ');
  return [`it calls ${names}, and here it does not: a model has an engine or calls`];
}

/** Those that have an effect; the backend is what makes a configuration one of this engine. */
function fieldsBesideEngine(written: ModelConfigFields): ModelConfigFields {
  const { backend, dynamic_batching: _, ...fields } = written;
  return { ...fields, backend: backend === 'vllm' || backend === 'python' ? backend : 'tensorrtllm' };
}

/** Its fields with the backend that Triton takes from its files. */
function withBackend(written: ModelConfigFields, folder: ModelFolder): ModelConfigFields {
  const { platform = '', backend = '' } = written;
  const isPlain = platform === '' && backend === '' && written.ensemble_scheduling === undefined;
  return isPlain ? { ...written, ...backendByFiles(folder) } : written;
}

/** Whether the backend that Triton finds by the files changes how the model is simulated. */
function completesBackend(written: ModelConfigFields, config: ModelConfig): boolean {
  const isWritten = (written.platform ?? '') !== '' || (written.backend ?? '') !== '';
  const onHost = config.instanceGroups.some(({ kind }) => kind === 'KIND_CPU');
  return !isWritten && (isTensorRt(config) || (onHost && config.backend !== ''));
}

function loading({ name }: ModelFolder) {
  return { name, devices: MOST_GPUS };
}

/** Of all its versions: which of them Triton serves is a policy. */
function callsOf({ versions }: ModelFolder, fields: ModelConfigFields): PythonCalls | undefined {
  const parameters = parameterTexts(fields);
  const found = versions.flatMap(({ python = '' }) => pythonCalls(python, parameters) ?? []);
  if (found.length === 0) return undefined;
  return {
    models: [...new Set(found.flatMap(({ models }) => models))],
    hasUnknown: found.some(({ hasUnknown }) => hasUnknown),
    gathered: [...new Set(found.flatMap(({ gathered }) => gathered))],
  };
}

/** Whether what a placeholder stands for can change a simulation: the top-level field in which it stands tells. */
function hasEffect({ line, column }: Placeholder, text: string, hasEngine: boolean): boolean {
  try {
    const before = parsePbtxt(text).fields.filter(
      ({ position }) => position.line < line || (position.line === line && position.column <= column),
    );
    const field = before.at(-1)?.name;
    if (hasEngine && field !== undefined && WITHOUT_EFFECT.includes(field)) return false;
    return field === undefined || !isIgnored(field);
  } catch (error) {
    problemsOf(error);
    return true;
  }
}
