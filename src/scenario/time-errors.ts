import { atTimeError, type TimeError, timeErrorOf } from '../profile/time-error.js';
import type { Scenario } from './scenario.js';
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
    withProfiles(server, (profile) => atTimeError(profile, end)),
  );
  return { ...scenario, servers };
}
