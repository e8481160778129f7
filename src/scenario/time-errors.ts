import type { ModelProfile } from '../profile/profile.js';
import { slowerProfile } from '../profile/slower.js';
import { factorOf, type TimeError, timeErrorOf } from '../profile/time-error.js';
import { modelsBesideNeighbours } from './mig-neighbours.js';
import type { Scenario, Server } from './scenario.js';
import { profilesIn, withProfiles } from './with-profiles.js';

/** A model on a kind of device, and how well its times are known there; null where nothing tells. */
export interface ModelTimeError {
  readonly model: string;
  readonly device: string;
  readonly error: TimeError | null;
}

/** Of every profile in use, each once. */
export function timeErrorsIn({ servers }: Scenario): readonly ModelTimeError[] {
  const profiles = new Set(servers.flatMap((server) => [...profilesIn(server)]));
  return [...profiles].map((profile) => ({
    model: profile.model,
    device: profile.device,
    error: timeErrorOf(profile) ?? null,
  }));
}

/** The scenario where all models are as slow, or as fast, as the errors of their profiles allow. */
export function atTimeErrors(scenario: Scenario, end: 'slow' | 'fast'): Scenario {
  const servers = scenario.servers.map((server) =>
    withProfiles(server, (profile) => {
      const { factor = 1 } = timeErrorOf(profile) ?? {};
      return slowerProfile(atFillError(profile, end), end === 'slow' ? factor : 1 / factor);
    }),
  );
  return { ...scenario, servers: end === 'slow' ? servers.map(atMostNeighbours) : servers };
}

/** Slices whose neighbours cost as much as was ever measured, not as little. */
function atMostNeighbours(server: Server): Server {
  return { ...server, models: modelsBesideNeighbours(server, ({ least, most }) => most / least) };
}

/** Executions that fill as much of their device, or as little, as is known: others beside them feel it, and they those. */
function atFillError(profile: ModelProfile, end: 'slow' | 'fast'): ModelProfile {
  const service = profile.service.map((point) => {
    const { inferMs, deviceMs, deviceMsError = 0 } = point;
    if (deviceMs === undefined) return point;
    const factor = factorOf(deviceMsError);
    // What fills the device fills no more of it.
    const most = Math.max(deviceMs, inferMs);
    return { ...point, deviceMs: end === 'slow' ? Math.min(most, deviceMs * factor) : deviceMs / factor };
  });
  return { ...profile, service };
}
