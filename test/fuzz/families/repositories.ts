import { InputError } from '../../../src/base/problem.js';
import { parseProfile } from '../../../src/profile/parse.js';
import {
  CONFIG_FILE,
  type ModelFolder,
  type ModelVersion,
  versionOf,
} from '../../../src/scenario/repository/model-folder.js';
import { surveyRepository } from '../../../src/scenario/repository/survey.js';
import { draftThatRuns } from '../../../src/scenario/starter/running-draft.js';
import type { ShippedProfile } from '../../../src/scenario/starter/stand-in.js';
import { parseArchive } from '../../support/archives.js';
import type { Random } from '../choose.js';
import { demand, type Family, INPUT_FILE, textFamily } from '../family.js';
import { mistakenText } from '../mutate-text.js';
import { shippedTexts } from '../samples.js';

/** Model repositories, as `perseus init` reads them: many files in one text. */
export function repositoryFamilies(): readonly Family[] {
  const samples = shippedTexts('test/fixtures/repositories', '.txtar');
  const shipped = ['t4', 'cpu-sample'].flatMap((folder): ShippedProfile[] =>
    shippedTexts(`calibration/${folder}`, '.profile.json').map((text) => ({
      folder,
      profile: parseProfile(text),
    })),
  );
  const generate = (random: Random) => mistakenText(random, { samples, words: WORDS });
  return [
    textFamily({
      name: 'repository',
      mostMs: 10_000,
      generate,
      read: (text) => readRepository(text, shipped),
    }),
  ];
}

const WORDS: readonly string[] = [
  ...'{ } [ ] : , " # ( ) name platform backend model_name KIND_CPU KIND_GPU gpus count'.split(' '),
  ...[
    '\n',
    `\${`,
    `\${x}`,
    '-- a/config.pbtxt --\n',
    '-- a/1/model.py --\n',
    'InferenceRequest(model_name="a")',
    '"ensemble"',
    'sequence_batching { }',
    'sequence_batching { oldest { max_candidate_sequences: 2 } }',
    'response_cache { enable: true }',
    'iterative_sequence: true',
  ],
];

/** A scenario that can be simulated, or a refusal. */
function readRepository(text: string, shipped: readonly ShippedProfile[]): void {
  const archive = parseArchive(INPUT_FILE, text);
  const set = new Map((archive.head.get('set') ?? '').split(' ').map((word) => splitAt(word, '=')));
  const folders = modelFolders(archive.files);
  const survey = surveyRepository(folders, { values: set, mustOccur: [] });
  const draft = draftThatRuns({
    name: 'fuzzed',
    survey,
    profiles: { own: [], shipped },
    profileFolder: 'profiles',
    profileFolderHere: 'profiles',
    configPath: ({ folder }) => `${folder.path}/${CONFIG_FILE}`,
  });
  const names = new Set([...draft.models, ...draft.leftOut.map(({ model }) => model)]);
  demand(
    folders.every(({ name }) => names.has(name)),
    'a model is neither taken nor left out',
  );
  demand(
    draft.leftOut.every(({ reason }) => reason !== ''),
    'a model is left out without a reason',
  );
  if (draft.models.length > 0) return;
  const causes = draft.survey.leftOut.flatMap(({ problems }) => problems);
  const none = { what: 'there is no model' };
  throw new InputError([none, ...causes].map((problem) => ({ ...problem, file: INPUT_FILE })));
}

function splitAt(text: string, sign: string): readonly [string, string] {
  const at = text.indexOf(sign);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

interface FilesOfModel {
  config?: string;
  readonly versions: Map<number, { files: string[]; python?: string }>;
}

/** Linux has no folders with longer names. */
function hasLongName(path: string): boolean {
  return path.split('/').some((name) => Buffer.byteLength(name) > 255);
}

/** What `readRepository` of the node layer reads from files, for files in memory. */
function modelFolders(files: ReadonlyMap<string, string>): readonly ModelFolder[] {
  const found = new Map<string, FilesOfModel>();
  const modelAt = (path: string) => {
    const model: FilesOfModel = found.get(path) ?? { versions: new Map() };
    found.set(path, model);
    return model;
  };
  for (const [path, content] of files) {
    const [, model, version, file] = /^(.+?)\/(?:(\d+)\/)?([^/]+)(?:\/|$)/.exec(path) ?? [];
    const number = versionOf(version ?? '');
    if (model === undefined || file === undefined || hasLongName(model)) continue;
    if (version === undefined && file === CONFIG_FILE) modelAt(model).config = content;
    if (number === undefined) continue;
    const { versions } = modelAt(model);
    const of = versions.get(number) ?? { files: [] };
    of.files.push(file);
    if (file === 'model.py') of.python = content;
    versions.set(number, of);
  }
  return [...found].map(([path, { config, versions }]) => ({
    name: path.slice(path.lastIndexOf('/') + 1),
    path,
    ...(config !== undefined && { config }),
    versions: [...versions]
      .sort(([a], [b]) => a - b)
      .map(([version, of]): ModelVersion => ({ version, ...of })),
  }));
}
