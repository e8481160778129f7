import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { InputError, type Problem } from '../../../base/problem.js';
import { draftPlan } from '../../../plan/starter-plan.js';
import { serializeProfile } from '../../../profile/parse.js';
import { CONFIG_FILE } from '../../../scenario/repository/model-folder.js';
import { surveyRepository } from '../../../scenario/repository/survey.js';
import type { Draft, DraftOptions, OpenPoint } from '../../../scenario/starter/draft.js';
import { draftThatRuns } from '../../../scenario/starter/running-draft.js';
import type { ShippedProfile } from '../../../scenario/starter/stand-in.js';
import { writeFileAtomically } from '../../files/atomic-write.js';
import { exists } from '../../files/exists.js';
import { readProfiles, readProfilesIfPresent } from '../profile-files.js';
import { SHIPPED_PROFILES } from '../shipped-profiles.js';
import { readRepository } from './read-repository.js';
import { readTemplateValues } from './template-values.js';

export interface InitOptions {
  /** Triton model repositories: folders with a folder for each model, or folders of such. */
  readonly repositories: readonly string[];
  /** The scenario to write; it must not exist yet. */
  readonly out: string;
  /** Write a plan in place of a scenario. Default false. */
  readonly plan?: boolean;
  /** Kinds of GPU as profiles name them, of a scenario one. Default: what profiles beside it are of, else Tesla T4. */
  readonly gpus?: readonly string[];
  /** Values of the placeholders `${NAME}` in configurations, as `NAME=VALUE`. */
  readonly set?: readonly string[];
  /** Files of such values, one a line. */
  readonly setFiles?: readonly string[];
}

export interface InitResult {
  readonly file: string;
  readonly models: readonly string[];
  /** Models that the scenario leaves out, and why. */
  readonly leftOut: Draft['leftOut'];
  /** Models of which the simulation leaves something out, and what. */
  readonly remarks: Draft['remarks'];
  /** Profiles to fill in that were written. */
  readonly placeholders: readonly string[];
  /** What nobody has told, and what would supply it. */
  readonly openPoints: readonly OpenPoint[];
}

/** Folder, beside the scenario, in which it looks for profiles. */
const PROFILES = 'profiles';

/**
 * Writes a first scenario for the models of Triton model repositories, which runs as it is: where there is no profile of a model, a
 * shipped one stands in, or one to fill in is written.
 * @throws InputError when there is no model to be found, a template misses values, a profile beside it cannot be used, or the
 * scenario exists already; nothing is written then
 */
export async function initScenario(options: InitOptions): Promise<InitResult> {
  const { repositories, out, gpus = [] } = options;
  if (gpus.length > 1 && options.plan !== true)
    throw InputError.of('a scenario is of one kind of GPU', 'name one, or add --plan', { path: '--gpu' });
  const template = await readTemplateValues(options.set ?? [], options.setFiles ?? []);
  const folders = (await Promise.all(repositories.map(readRepository))).flat();
  const survey = surveyRepository(folders, template);
  const folder = dirname(out);
  const profileFolderHere = join(folder, PROFILES);
  const own = await readProfilesIfPresent(profileFolderHere);
  const settings: DraftOptions = {
    name: basename(resolve(repositories[0]!)),
    survey,
    gpus,
    profiles: { own: own.map(({ profile }) => profile), shipped: await readShipped() },
    profileFolder: PROFILES,
    profileFolderHere,
    configPath: (model) => relativeTo(folder, join(model.folder.path, CONFIG_FILE)),
  };
  const scenario = draftThatRuns(settings);
  const draft = options.plan === true ? draftPlan({ ...settings, survey: scenario.survey }) : scenario;
  if (draft.models.length === 0) throw noModels(repositories, draft, options.plan === true);
  const placeholders = [...draft.placeholders].map(
    ([name, profile]) => [join(profileFolderHere, name), serializeProfile(profile)] as const,
  );
  await writeNew([...placeholders, [out, draft.text]]);
  return {
    file: out,
    models: draft.models,
    leftOut: draft.leftOut,
    remarks: draft.remarks,
    placeholders: placeholders.map(([file]) => file),
    openPoints: draft.openPoints,
  };
}

function noModels(
  repositories: readonly string[],
  { survey: { leftOut } }: Draft,
  isPlan: boolean,
): InputError {
  const what = `there is no model that can be ${isPlan ? 'planned' : 'simulated'}`;
  const remedy = 'name a folder that has a folder with a config.pbtxt for each model';
  const causes = leftOut.flatMap(({ folder, problems }) =>
    problems.map((problem): Problem => ({ ...problem, file: join(folder.path, problem.file ?? '') })),
  );
  return new InputError([
    { file: repositories.join(', '), what, ...(causes.length === 0 && { remedy }) },
    ...causes,
  ]);
}

let shipped: Promise<readonly ShippedProfile[]> | undefined;

/** Read once: they do not change. */
function readShipped(): Promise<readonly ShippedProfile[]> {
  shipped ??= readProfiles([SHIPPED_PROFILES]).then((files) =>
    files.map(({ file, profile }) => ({ folder: basename(dirname(file)), profile })),
  );
  return shipped;
}

function relativeTo(folder: string, file: string): string {
  return relative(folder, file).split(sep).join('/');
}

/** Writes files of which none may exist; the last one names the others. */
async function writeNew(files: readonly (readonly [path: string, text: string])[]): Promise<void> {
  const refuse = (what: string, file: string) => InputError.of(what, 'name another file', { file });
  for (const [path] of files) if (await exists(path)) throw refuse('there is such a file already', path);
  for (const [path, text] of files) {
    try {
      await writeFileAtomically(path, text);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === undefined) throw error;
      throw refuse(`it cannot be written (${code})`, path);
    }
  }
}
