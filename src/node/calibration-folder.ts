import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileNameOf } from '../base/file-name.js';
import { InputError } from '../base/problem.js';
import type { ObservationStore } from '../calibrate/calibrate.js';
import { differences, type Fingerprint, ofMeasured } from '../calibrate/fingerprint.js';
import type { Observation } from '../calibrate/observation.js';
import { type InferenceClient, LiveError } from '../live/inference-client.js';
import { type FoundModel, giveModelBack } from '../live/reload-model.js';
import { isObject } from '../trace/import/json.js';
import { writeFileAtomically } from './atomic-write.js';
import { asUnreadable, readText, readTextIfPresent } from './read-text.js';

/** Name of the file that says what a calibration folder was measured on. */
const ABOUT = 'calibration.json';
const POINTS = 'points';
/** Only while a model is loaded under another configuration. */
const BORROWED = 'borrowed.json';

/**
 * Opens a calibration folder, new or begun before, for this server and these models.
 * @throws InputError when its points were measured on something else
 */
export async function openCalibrationFolder(
  folder: string,
  fingerprint: Fingerprint,
  { url }: Pick<InferenceClient, 'url'>,
): Promise<ObservationStore> {
  const begun = await readFingerprint(folder);
  const before = begun && ofMeasured(begun, await readObservations(folder));
  const obstacles = before === undefined ? [] : differences(before, fingerprint);
  if (obstacles.length > 0) {
    throw new InputError(
      obstacles.map((what) => ({
        file: join(folder, ABOUT),
        what: `the points there were measured on something else: ${what}`,
        remedy: 'name another folder with --out, or delete this one',
      })),
    );
  }
  const about: Fingerprint = {
    ...before,
    ...fingerprint,
    models: { ...before?.models, ...fingerprint.models },
    ...((before?.contents ?? fingerprint.contents) && {
      contents: { ...before?.contents, ...fingerprint.contents },
    }),
  };
  await writeFileAtomically(join(folder, ABOUT), `${JSON.stringify(about, undefined, 2)}\n`);
  return {
    read: () => readObservations(folder),
    save: (observation) =>
      writeFileAtomically(pointFile(folder, observation.experiment.id), `${JSON.stringify(observation)}\n`),
    noteBorrowed: (model) =>
      model === undefined
        ? forgetBorrowed(folder)
        : writeFileAtomically(
            join(folder, BORROWED),
            `${JSON.stringify({ url, ...model } satisfies Borrowed)}\n`,
          ),
  };
}

/** A model that is not as it was found, and where. */
interface Borrowed extends FoundModel {
  readonly url: string;
}

/**
 * Gives back the model that a calibration into this folder had unloaded, or loaded under another configuration, when it was killed.
 * @throws InputError when that was on another server; LiveError when the server refuses
 */
export async function giveBackBorrowed(folder: string, client: InferenceClient): Promise<void> {
  const file = join(folder, BORROWED);
  const text = await readTextIfPresent(file);
  if (text === undefined) return;
  const { url, ...found } = parseOwn<Borrowed>(text, file, {
    has: ({ url, name }) => typeof url === 'string' && typeof name === 'string',
    remedy: 'make sure that the models of the server are as they should be, and delete the file',
  });
  if (url !== client.url)
    throw InputError.of(
      `"${found.name}" of ${url} is not as it was found there: a calibration was killed meanwhile`,
      `calibrate with --url ${url}, which gives it back first, or delete this file`,
      { file },
    );
  await giveModelBack(client, found).catch((error) => {
    if (!(error instanceof LiveError)) throw error;
    throw new LiveError(
      error.kind,
      `"${found.name}" is not as it was found, as a calibration was killed meanwhile, and cannot be given back: ${error.message}`,
      `${error.remedy}; where the model is gone for good, delete ${file}`,
    );
  });
  await forgetBorrowed(folder);
}

/** For servers that were started anew since, on which every model is as its file says. */
export async function forgetBorrowed(folder: string): Promise<void> {
  await rm(join(folder, BORROWED), { force: true });
}

function pointFile(folder: string, id: string): string {
  return join(folder, POINTS, `${id.split('/').map(fileNameOf).join('~')}.json`);
}

async function readFingerprint(folder: string): Promise<Fingerprint | undefined> {
  const file = join(folder, ABOUT);
  const text = await readTextIfPresent(file);
  if (text === undefined) return undefined;
  return parseOwn<Fingerprint>(text, file, {
    has: ({ server, models }) => typeof server === 'string' && isObject(models),
    remedy: 'name another folder with --out, or delete this one',
  });
}

/** The points of a calibration folder, in the order in which they were measured. */
export async function readObservations(folder: string): Promise<Observation[]> {
  const names = await readdir(join(folder, POINTS)).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === 'ENOENT') return [];
    throw asUnreadable(error, join(folder, POINTS));
  });
  const files = names.filter((name) => name.endsWith('.json')).map((name) => join(folder, POINTS, name));
  const points = await Promise.all(
    files.map(async (file) =>
      parseOwn<Observation>(await readText(file), file, {
        has: ({ experiment, measuredAt, statistics }) =>
          isObject(experiment) && typeof measuredAt === 'string' && Array.isArray(statistics),
        remedy: 'delete the file; the point is measured again',
      }),
    ),
  );
  return points.sort((a, b) => (a.measuredAt < b.measuredAt ? -1 : 1));
}

interface OwnFile {
  /** Whether the parts are there without which nothing works. */
  readonly has: (content: Record<string, unknown>) => boolean;
  readonly remedy: string;
}

/** Our own files are written whole; one that is not JSON, or holds something else, was changed by somebody. */
function parseOwn<Content>(text: string, file: string, { has, remedy }: OwnFile): Content {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    throw InputError.of('this is no JSON', remedy, { file });
  }
  if (isObject(content) && has(content)) return content as Content;
  throw InputError.of('this was not written by calibrate', remedy, { file });
}
