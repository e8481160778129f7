import { join, relative } from 'node:path';
import { canonicalJson } from '../../base/canonical-json.js';
import { capacityPerS } from '../../calibrate/calibrate.js';
import type { CacheTimes } from '../../calibrate/composed/lone-blocks.js';
import type { StreamTimes } from '../../calibrate/composed/streams.js';
import type { MeasuredWith } from '../../calibrate/fingerprint.js';
import type { CalibrationFit } from '../../calibrate/fit/fit-profiles.js';
import { liveScenario, loadsToPlay } from '../../calibrate/live-scenario.js';
import type { Observation } from '../../calibrate/observation.js';
import type { LiveModelConfig } from '../../live/inference-client.js';
import type { GpuReading } from '../../live/server-metrics.js';
import { serializeProfile, serializeServerProfile, serverProfileOf } from '../../profile/parse.js';
import { writeFileAtomically } from '../files/atomic-write.js';
import { writeOwnText } from '../files/own-text.js';
import { SERVER_PROFILE } from '../scenario/profile-files.js';
import { FIT, profileFile } from './calibration-folder.js';
import type { MeasuredComposed } from './composed-models.js';

export interface CalibrationResults {
  readonly fit: CalibrationFit;
  readonly report: string;
  readonly live: readonly LiveModelConfig[];
  readonly observations: readonly Observation[];
  readonly gpus: readonly GpuReading[];
  readonly composed: readonly MeasuredComposed[];
  readonly caches: ReadonlyMap<string, CacheTimes>;
  readonly streams: ReadonlyMap<string, StreamTimes>;
}

/** Memory of the smallest of the server's GPUs, MiB, where its metrics say it. */
function memoryMbOf(gpus: readonly GpuReading[]): number | undefined {
  const bytes = gpus.flatMap(({ memoryTotalBytes }) => memoryTotalBytes ?? []);
  return bytes.length === 0 ? undefined : Math.floor(Math.min(...bytes) / 2 ** 20);
}

/**
 * Writes profiles, the fit report, and a scenario to start from.
 * @returns the files, and those of an earlier call that somebody has changed since: the new text lies beside them
 */
export async function writeResults(
  { out, cores, ...as }: MeasuredWith & { readonly out: string; readonly cores: number | undefined },
  { fit, report, live, observations, gpus, composed, caches, streams }: CalibrationResults,
): Promise<{ readonly files: readonly string[]; readonly leftAlone: readonly string[] }> {
  const files: string[] = [];
  const write = async (name: string, text: string) => {
    await writeFileAtomically(join(out, name), text);
    files.push(relative('.', join(out, name)));
  };
  for (const profile of fit.profiles) {
    await write(profileFile(profile.model), serializeProfile(profile));
  }
  const server = serverProfileOf(fit.profiles);
  if (server !== undefined) await write(SERVER_PROFILE, serializeServerProfile(server));
  const { models, pairs, serving, uncertain, unidentified } = fit;
  await write(FIT.json, canonicalJson({ models, pairs, serving, uncertain, unidentified }));
  await write(FIT.text, report);
  const served = live.filter(({ config }) => fit.profiles.some(({ model }) => model === config.name));
  if (served.length > 0) {
    const loads = loadsToPlay(served, (config) => capacityPerS(observations, config), cores);
    const wanted = join(out, 'scenario.yaml');
    const written = await writeOwnText(
      wanted,
      liveScenario(loads, {
        ...as,
        memoryMb: memoryMbOf(gpus),
        ...{ composed, streams },
        caches: [...caches].map(([name, times]) => ({
          ...times,
          requestBytes: fit.profiles.find(({ model }) => model === name)?.payload.requestBytes ?? 0,
        })),
      }),
    );
    files.push(relative('.', written));
    if (written !== wanted) return { files, leftAlone: [relative('.', wanted)] };
  }
  return { files, leftAlone: [] };
}
