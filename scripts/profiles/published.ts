import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { remembered } from '../../src/base/remembered.js';
import { parseProfile } from '../../src/profile/parse.js';
import type { ModelProfile, Provenance, ServicePoint } from '../../src/profile/profile.js';
import { plainProfile } from '../support/made-scenario.js';
import { round4 } from '../support/source-table.js';

type Published = Pick<ModelProfile, 'service' | 'region'> &
  Partial<Omit<ModelProfile, 'provenance'>> & {
    readonly provenance: Pick<Provenance, 'source' | 'licence' | 'notes'> & Partial<Provenance>;
  };

/** A profile from a published source: what that is silent on is unknown, or at its neutral value. */
export function publishedProfile(
  model: string,
  device: string,
  { provenance, ...parts }: Published,
): ModelProfile {
  const unknown = {
    ...{ date: 'unknown', driver: 'unknown', serverVersion: 'unknown' },
    ...{ backend: 'unknown', precision: 'unknown' },
  };
  return plainProfile(model, device, {
    memory: { modelMb: 0, perInstanceMb: 0, known: false },
    ...parts,
    provenance: { ...unknown, gpu: device, ...provenance },
  });
}

/** Coarse enough that a profile is the same text on every machine. */
export function roundedPoint({ deviceMs, deviceMsError, ...point }: ServicePoint): ServicePoint {
  return {
    ...point,
    inputMs: round4(point.inputMs),
    inferMs: round4(point.inferMs),
    outputMs: round4(point.outputMs),
    ...(deviceMs !== undefined && { deviceMs: round4(deviceMs) }),
    ...(deviceMsError !== undefined && { deviceMsError: round4(deviceMsError) }),
  };
}

/** Of errors in percent. */
export function errorSummary(errors: readonly number[]) {
  return {
    meanErrorPercent: round4(errors.reduce((sum, error) => sum + error, 0) / errors.length),
    maxErrorPercent: round4(Math.max(...errors)),
  };
}

/** What notes say, without what does not apply. */
export function sentences(...parts: readonly (string | false)[]): string {
  return parts.filter((part) => part !== false).join(' ');
}

const READ = new Map<string, ModelProfile>();

/** A profile that is shipped, by its file below `calibration/`; undefined where there is none. */
export function shippedProfile(file: string): ModelProfile | undefined {
  const path = join('calibration', file);
  if (!existsSync(path)) return undefined;
  return remembered(READ, path, () => parseProfile(readFileSync(path, 'utf8'), { file: path }));
}
