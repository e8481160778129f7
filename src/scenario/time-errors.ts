import { UNTOLD_ERROR } from '../effects/front-end.js';
import { isCostless } from '../profile/costless.js';
import { atTimeError, DOUBTS, type Doubt, type TimeError, timeErrorOf } from '../profile/time-error.js';
import { modelsBesideNeighbours, slicesWithNeighbours } from './mig-neighbours.js';
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
  return [...profiles]
    .filter((profile) => !isCostless(profile))
    .map((profile) => ({
      model: profile.model,
      device: profile.device,
      error: timeErrorOf(profile) ?? null,
    }));
}

/** Why the prediction of a scenario may be off: of the reasons that there are, those that it gives cause for. */
export function doubtsIn({ servers }: Scenario): readonly Doubt[] {
  const isOpen: Readonly<Record<Doubt, (server: Server) => boolean>> = {
    times: (server) => [...profilesIn(server)].some((profile) => (timeErrorOf(profile)?.factor ?? 1) > 1),
    sharing: ({ devices, models }) =>
      devices.some(
        ({ sharing }, d) =>
          (sharing.mode === 'streams' || sharing.mode === 'mps') &&
          models.flatMap(({ instances }) => instances).filter(({ device }) => device === d).length > 1,
      ),
    batches: ({ models }) =>
      models.some(({ config, instances }) =>
        instances.some(({ profile }) => config.maxBatchSize > profile.service.at(-1)!.batchSize),
      ),
    frontEnd: (server) =>
      [...profilesIn(asSent(server))].some(({ frontEnd }) => (frontEnd.relativeError ?? 0) > 0),
    neighbours: (server) => slicesWithNeighbours(server).some(({ cost }) => cost.most > cost.least),
  };
  return DOUBTS.filter((doubt) => servers.some(isOpen[doubt]));
}

/** The scenario where all models are as slow, or as fast, as is possible by what is not known of their profiles. */
export function atTimeErrors(
  scenario: Scenario,
  end: 'slow' | 'fast',
  doubts: readonly Doubt[] = DOUBTS,
): Scenario {
  const servers = scenario.servers.map((server) =>
    withProfiles(asSent(server), (profile) => atTimeError(profile, end, doubts)),
  );
  const isBeside = end === 'slow' && doubts.includes('neighbours');
  return { ...scenario, servers: isBeside ? servers.map(atMostNeighbours) : servers };
}

/** A front end that was measured over another protocol is known no better than one of which nothing was measured. */
function asSent(server: Server): Server {
  const { protocol } = server.options;
  return withProfiles(server, (profile) => {
    const { frontEnd, provenance } = profile;
    if ((provenance.protocol ?? protocol) === protocol) return profile;
    const relativeError = Math.max(frontEnd.relativeError ?? 0, UNTOLD_ERROR);
    return { ...profile, frontEnd: { ...frontEnd, relativeError } };
  });
}

/** Slices whose neighbours cost as much as was ever measured, not as little. */
function atMostNeighbours(server: Server): Server {
  return { ...server, models: modelsBesideNeighbours(server, ({ least, most }) => most / least) };
}
