import { closest } from '../../base/closest.js';
import { groupBy } from '../../base/group-by.js';
import { InputError, type Problem } from '../../base/problem.js';
import { shortened } from '../../base/shortened.js';
import { CONFIG_FILE, type ModelFolder } from './model-folder.js';
import { type FolderSurvey, type SurveyedModel, surveyFolder } from './survey-folder.js';
import { missingVersions } from './versions.js';

export interface Survey {
  /** By name. */
  readonly models: readonly SurveyedModel[];
  /** Models that a scenario cannot have, by name. */
  readonly leftOut: readonly LeftOutModel[];
}

export interface LeftOutModel {
  readonly name: string;
  readonly folder: ModelFolder;
  /** Files are named from the folder of the model. */
  readonly problems: readonly Problem[];
}

export interface TemplateValues {
  readonly values: ReadonlyMap<string, string>;
  /** Names that were given one by one: each must be of use. */
  readonly mustOccur: readonly string[];
}

const NO_VALUES: TemplateValues = { values: new Map(), mustOccur: [] };

/**
 * Reads the models of one or several repositories, with those that call them: an ensemble or a Python model whose models
 * cannot be simulated is left out as well.
 * @throws InputError where templates miss values, values are of no use, or two models have one name; all at once
 */
export function surveyRepository(folders: readonly ModelFolder[], template = NO_VALUES): Survey {
  const surveyed = folders.map((folder) => ({ folder, survey: surveyFolder(folder, template.values) }));
  const problems = [
    ...sameNames(folders),
    ...missingValues(surveyed),
    ...uselessValues(
      template,
      surveyed.map(({ survey }) => survey),
    ),
  ];
  if (problems.length > 0) throw new InputError(problems);
  const leftOut = surveyed.flatMap(({ folder, survey }) =>
    survey.problems === undefined ? [] : [{ name: folder.name, folder, problems: survey.problems }],
  );
  const models = surveyed.flatMap(({ survey }) => survey.model ?? []);
  const servedOf = (name: string) => models.find((model) => model.name === name)?.served ?? [];
  const remarked = models.map((model) => ({
    ...model,
    remarks: [...model.remarks, ...missingVersions(model.config, servedOf)],
  }));
  return withoutCallersOfMissing(remarked, leftOut);
}

interface SurveyedFolder {
  readonly folder: ModelFolder;
  readonly survey: FolderSurvey;
}

function sameNames(folders: readonly ModelFolder[]): readonly Problem[] {
  return [...groupBy(folders, ({ name }) => name)].flatMap(([name, [first, ...others]]) =>
    others.map(({ path }) => ({
      file: path,
      what: `${first!.path} is a model "${name}", too`,
      remedy: 'name one of their repositories alone',
    })),
  );
}

/** Of a name in a message. */
const MOST_OF_NAME = 100;

/** One problem for each name, where it occurs first: one value serves all its places. */
function missingValues(surveyed: readonly SurveyedFolder[]): readonly Problem[] {
  const missing = surveyed.flatMap(({ folder, survey }) =>
    (survey.missing ?? []).map((placeholder) => ({ ...placeholder, file: `${folder.path}/${CONFIG_FILE}` })),
  );
  return [...groupBy(missing, ({ name }) => name)].map(([whole, [first, ...others]]) => {
    const name = shortened(whole, MOST_OF_NAME);
    const more = others.length === 0 ? '' : `, here and in ${others.length} more places`;
    return {
      file: first!.file,
      line: first!.line,
      what: `\${${name}} has no value${more}`,
      remedy: `give it one with --set ${name}=VALUE, or all of them with --set-file`,
    };
  });
}

function uselessValues({ mustOccur }: TemplateValues, surveys: readonly FolderSurvey[]): readonly Problem[] {
  const known = [...new Set(surveys.flatMap(({ placeholders }) => [...placeholders]))];
  return mustOccur
    .filter((name) => !known.includes(name))
    .map((name) => {
      const meant = closest(name, known);
      const remedy = meant === undefined ? 'leave it out' : `did you mean ${meant}?`;
      return { path: `--set ${name}`, what: `no config.pbtxt has \${${name}}`, remedy };
    });
}

/** What Python code calls may be on another server, or no model at all: such calls are told apart. */
function withAbsent(model: SurveyedModel, kept: ReadonlyMap<string, SurveyedModel>): SurveyedModel {
  const { calls } = model;
  if (calls === undefined) return model;
  const all = [...calls.models, ...(calls.absent ?? [])];
  const [models, absent] = [true, false].map((isKept) => all.filter((name) => kept.has(name) === isKept));
  return { ...model, calls: { ...calls, models: models!, absent: absent! } };
}

/** A survey without some of its models, for these reasons, and without those that call them. */
export function withoutModels(
  { models, leftOut }: Survey,
  refused: ReadonlyMap<string, readonly Problem[]>,
): Survey {
  const gone = models.flatMap(({ name, folder }) => {
    const problems = refused.get(name);
    return problems === undefined ? [] : [{ name, folder, problems }];
  });
  const kept = models.filter(({ name }) => !refused.has(name));
  return withoutCallersOfMissing(kept, [...leftOut, ...gone]);
}

/** Leaves out who calls what cannot be simulated, and who calls those, until all that is called is there. */
function withoutCallersOfMissing(models: readonly SurveyedModel[], leftOut: readonly LeftOutModel[]): Survey {
  const kept = new Map(models.map((model) => [model.name, model]));
  const gone = new Map(leftOut.map((model) => [model.name, model]));
  for (let before = -1; before !== kept.size; ) {
    before = kept.size;
    for (const model of [...kept.values()]) {
      const problems = problemsOfCalls(model, kept, gone);
      if (problems.length === 0) continue;
      kept.delete(model.name);
      gone.set(model.name, { name: model.name, folder: model.folder, problems });
    }
  }
  return {
    models: byName([...kept.values()].map((model) => withAbsent(model, kept))),
    leftOut: byName([...gone.values()]),
  };
}

function problemsOfCalls(
  { steps, calls }: SurveyedModel,
  kept: ReadonlyMap<string, SurveyedModel>,
  gone: ReadonlyMap<string, LeftOutModel>,
): readonly Problem[] {
  const called = [...new Set(steps ?? calls?.models ?? [])].filter((name) => !kept.has(name));
  return called.flatMap((name): Problem[] => {
    if (gone.has(name)) {
      const [file, caller] = steps === undefined ? ['model.py', 'it'] : [CONFIG_FILE, 'its step'];
      return [{ file, what: `${caller} calls "${name}", which is left out` }];
    }
    if (steps === undefined) return [];
    const remedy = 'name its repository as well, with another --repository';
    return [
      {
        file: CONFIG_FILE,
        what: `its step calls "${name}", which is in no repository that was named`,
        remedy,
      },
    ];
  });
}

function byName<T extends { readonly name: string }>(models: readonly T[]): T[] {
  return [...models].sort((a, b) => (a.name < b.name ? -1 : 1));
}
