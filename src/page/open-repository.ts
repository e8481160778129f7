import { groupBy } from '../base/group-by.js';
import { CONFIG_FILE, type ModelFolder, versionOf } from '../scenario/repository/model-folder.js';
import { isImported } from '../scenario/repository/python-calls.js';
import { surveyRepository } from '../scenario/repository/survey.js';
import type { ProfileFile } from '../scenario/resources.js';
import { draftThatRuns } from '../scenario/starter/running-draft.js';
import type { DroppedFile } from './open-files.js';

/** A first scenario for a model repository, as if it had been dropped with the profiles that it needs. */
export interface Drafted {
  readonly scenario: DroppedFile;
  /** Under the paths that it names. */
  readonly profiles: Readonly<Record<string, readonly ProfileFile[]>>;
  /** What nobody has told and was guessed, or left out. */
  readonly notes: readonly string[];
}

const OWN = 'profiles';
/** Profiles that the page has may stand in for those of the models, as shipped ones do for `perseus init`. */
const OPEN = 'open';

/** @throws InputError where no scenario can be made of it */
export function draftOfRepository(
  files: readonly DroppedFile[],
  open: readonly ProfileFile[],
  dropped: readonly ProfileFile[],
): Drafted {
  const draft = draftThatRuns({
    name: 'model-repository',
    survey: surveyRepository(modelFolders(files)),
    profiles: {
      own: dropped.map(({ profile }) => profile),
      shipped: open.map(({ profile }) => ({ folder: OPEN, profile })),
    },
    profileFolder: OWN,
    profileFolderHere: OWN,
    configPath: ({ folder }) => `${folder.path}/${CONFIG_FILE}`,
  });
  const placeholders = [...draft.placeholders].map(([file, profile]) => ({
    file: `${OWN}/${file}`,
    profile,
  }));
  return {
    scenario: { path: 'model-repository.yaml', text: draft.text },
    profiles: { [OWN]: [...dropped, ...placeholders], [`shipped:${OPEN}`]: open },
    notes: [
      ...draft.openPoints.map(({ what, supply }) => `${what}: ${supply}`),
      ...draft.leftOut.map(({ model, reason }) => `${model} is left out: ${reason}`),
    ],
  };
}

function modelFolders(files: readonly DroppedFile[]): ModelFolder[] {
  const configs = files.filter(({ path }) => path.endsWith(`/${CONFIG_FILE}`));
  return configs.map(({ path: file, text }) => {
    const path = file.slice(0, -CONFIG_FILE.length - 1);
    const inside = files
      .filter((one) => one.path.startsWith(`${path}/`))
      .map((one) => ({ one, parts: one.path.slice(path.length + 1).split('/') }));
    const numbered = inside.filter(({ parts }) => parts.length > 1 && versionOf(parts[0]!) !== undefined);
    const versions = [...groupBy(numbered, ({ parts }) => versionOf(parts[0]!)!)].map(([version, own]) => {
      const model = own.find(({ parts }) => parts[1] === 'model.py')?.one.text;
      const imported = own.filter(
        ({ one, parts }) => parts[1] !== 'model.py' && isImported(model ?? '', one.path),
      );
      const python = model && [model, ...imported.map(({ one }) => one.text)].join('\n');
      const names = [...new Set(own.map(({ parts }) => parts[1]!))];
      return { version, files: names, ...(python !== undefined && { python }) };
    });
    return {
      name: path.split('/').at(-1)!,
      path,
      config: text,
      versions: versions.sort((a, b) => a.version - b.version),
    };
  });
}
