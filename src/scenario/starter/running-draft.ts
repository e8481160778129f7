import { given } from '../../base/given.js';
import { InputError, type Problem, problemsOf } from '../../base/problem.js';
import { remembered } from '../../base/remembered.js';
import { checkScenario } from '../check.js';
import { CONFIG_FILE } from '../repository/model-folder.js';
import { withoutModels } from '../repository/survey.js';
import type { ConfigFile, Loaded, ProfileFile, ScenarioResources } from '../resources.js';
import { parseScenarioSpec } from '../spec.js';
import { type Draft, type DraftOptions, draftScenario } from './draft.js';

const SCENARIO = 'the scenario';

/**
 * A first scenario that can be simulated: models that a simulation refuses beside the others, such as an ensemble whose maps do
 * not fit its steps, are left out with those that call them.
 * @throws InputError where no models are the reason
 */
export function draftThatRuns(options: DraftOptions): Draft {
  for (let { survey } = options; ; ) {
    const draft = draftScenario({ ...options, survey });
    if (survey.models.length === 0) return draft;
    const problems = problemsWith(draft, options);
    if (problems.length === 0) return draft;
    const refused = byModel(problems, draft, options);
    if (refused.size === 0) throw new InputError(problems);
    survey = withoutModels(survey, refused);
  }
}

function problemsWith(draft: Draft, options: DraftOptions): readonly Problem[] {
  try {
    checkScenario(parseScenarioSpec(draft.text, { file: SCENARIO }), resourcesOf(draft, options));
    return [];
  } catch (error) {
    return problemsOf(error);
  }
}

/** Everything that the scenario names is at hand. */
function resourcesOf(
  { placeholders }: Draft,
  { survey, profiles, profileFolder, configPath }: DraftOptions,
): ScenarioResources {
  const files = new Map<string, ProfileFile[]>();
  const shelve = (folder: string, profile: ProfileFile['profile']) => {
    const file = `${folder}/${profile.model}@${profile.device}`;
    remembered(files, folder, () => [] as ProfileFile[]).push({ file, profile });
  };
  for (const profile of [...profiles.own, ...placeholders.values()]) shelve(profileFolder, profile);
  for (const { folder, profile } of profiles.shipped) shelve(`shipped:${folder}`, profile);
  const configs = survey.models.flatMap((model): [string, Loaded<ConfigFile>][] => {
    const path = configPath(model);
    const { config: text } = model.folder;
    return text === undefined ? [] : [[path, { value: { file: path, text } }]];
  });
  return {
    profiles: new Map([...files].map(([folder, value]) => [folder, { value }])),
    configs: new Map(configs),
    traces: new Map(),
  };
}

/** Problems by the model that they are about, as problems of its configuration. */
function byModel(
  problems: readonly Problem[],
  { entries, models }: Draft,
  { survey, configPath }: DraftOptions,
): ReadonlyMap<string, readonly Problem[]> {
  const found = new Map<string, Problem[]>();
  for (const { file, line, column, path = '', what, remedy } of problems) {
    const ofFile = survey.models.find((model) => file === configPath(model))?.name;
    const [, list, index, rest] = /^(servers\[0\]\.models|tenants)\[(\d+)\](?:\.(.*))?$/.exec(path) ?? [];
    const name = ofFile ?? (list === 'tenants' ? entries : models)[Number(index)];
    if (name === undefined) continue;
    const place =
      ofFile === undefined ? { path: rest?.replace(/^config\.?/, '') ?? '' } : { line, column, path };
    const problem: Problem = { file: CONFIG_FILE, what, ...given({ ...place, remedy }) };
    remembered(found, name, () => [] as Problem[]).push(problem);
  }
  return found;
}
