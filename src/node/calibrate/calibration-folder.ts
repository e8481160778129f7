import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileNameOf } from '../../base/file-name.js';
import { isObject } from '../../base/json.js';
import { InputError } from '../../base/problem.js';
import type { ObservationStore } from '../../calibrate/calibrate.js';
import { differences, type Fingerprint, ofMeasured } from '../../calibrate/fingerprint.js';
import type { Observation } from '../../calibrate/observation.js';
import type { InferenceClient } from '../../live/inference-client.js';
import { writeFileAtomically } from '../files/atomic-write.js';
import { exists } from '../files/exists.js';
import { parseOwn } from '../files/parse-own.js';
import { asUnreadable, readText, readTextIfPresent } from '../files/read-text.js';
import { refuseStrangers } from '../output/own-content.js';
import { SERVER_PROFILE } from '../scenario/profile-files.js';
import { type ChangeNote, noteChanged, restoreNoted } from './change-note.js';

/** Name of the file that says what a calibration folder was measured on. */
const ABOUT = 'calibration.json';
const POINTS = 'points';
/** Only while a model is loaded under another configuration. */
const CHANGED_MODELS = 'changed-models.json';

/**
 * Opens a calibration folder, new or begun before, for this server and these models.
 * @throws InputError when its points were measured on something else, or it holds files of others that would be replaced
 */
export async function openCalibrationFolder(
  folder: string,
  fingerprint: Fingerprint,
  { url }: Pick<InferenceClient, 'url'>,
): Promise<ObservationStore> {
  const begun = await readFingerprint(folder);
  await requireOwnFiles(folder, begun, Object.keys(fingerprint.models));
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
    noteChanged: (model) => noteChanged(noteOf(folder), model === undefined ? [] : [{ url, ...model }]),
  };
}

export const FIT = { json: 'fit.json', text: 'fit.txt' } as const;

export function profileFile(model: string): string {
  return `${fileNameOf(model)}.profile.json`;
}

/** Profiles of models that were never calibrated into this folder, and in a new one all results, cannot be ours. */
async function requireOwnFiles(
  folder: string,
  begun: Fingerprint | undefined,
  models: readonly string[],
): Promise<void> {
  const others = models.filter((model) => !Object.hasOwn(begun?.models ?? {}, model)).map(profileFile);
  const names = begun === undefined ? [POINTS, SERVER_PROFILE, ...Object.values(FIT), ...others] : others;
  const there = await Promise.all(names.map((name) => exists(join(folder, name))));
  refuseStrangers(
    folder,
    'calibrate',
    names.filter((_, i) => there[i]),
  );
}

/**
 * Gives back the model that a calibration into this folder had unloaded, or loaded under another configuration, when it was killed.
 * @throws InputError when that was on another server; LiveError when the server refuses
 */
export async function restoreChanged(folder: string, client: InferenceClient): Promise<void> {
  await restoreNoted(noteOf(folder), [client]);
}

/** For servers that were started anew since, on which every model is as its file says. */
export async function forgetChanged(folder: string): Promise<void> {
  await noteChanged(noteOf(folder), []);
}

function noteOf(folder: string): ChangeNote {
  return { file: join(folder, CHANGED_MODELS), by: 'calibrate' };
}

function pointFile(folder: string, id: string): string {
  return join(folder, POINTS, `${id.split('/').map(fileNameOf).join('~')}.json`);
}

async function readFingerprint(folder: string): Promise<Fingerprint | undefined> {
  const file = join(folder, ABOUT);
  const text = await readTextIfPresent(file);
  if (text === undefined) return undefined;
  return parseOwn<Fingerprint>(text, file, {
    by: 'calibrate',
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
        by: 'calibrate',
        has: ({ experiment, measuredAt, statistics }) =>
          isObject(experiment) && typeof measuredAt === 'string' && Array.isArray(statistics),
        remedy: 'delete the file; the point is measured again',
      }),
    ),
  );
  return points.sort((a, b) => (a.measuredAt < b.measuredAt ? -1 : 1));
}
