import type { IRedisClient, Job } from 'bullmq';
import type { ModelProfile } from '../../../profile/profile.js';
import { ArrivalCache } from '../../../sweep/attach.js';
import { addressPoint, contentNames } from '../../../sweep/detached.js';
import { resolvePoint } from '../../../sweep/resolve-point.js';
import { digest } from '../content-library.js';
import { engine } from '../engine.js';
import { TRACE_BYTES } from '../point-checker.js';
import type { SweepTask } from '../sweep-thread.js';
import { checked, MalformedMessage, type PointData, readPointData } from './messages.js';
import { ContentReader } from './shared-content.js';

/** Reads points that a sweep has handed over, with what they name, and checks them as the sweep has done. */
export function pointReader() {
  const content = new ContentReader();
  const { library } = content;
  const surroundings = {
    positionOf: () => ({}),
    arrivals: new ArrivalCache(library, TRACE_BYTES),
    hashes: {
      profile: (profile: ModelProfile) => library.addProfile(profile),
      trace: (hash: string) => hash,
    },
  };
  /** @throws MalformedMessage where it is no point, or that of another address */
  return async (
    { id, data }: Pick<Job<PointData>, 'id' | 'data'>,
    client: Pick<IRedisClient, 'get'>,
  ): Promise<SweepTask> => {
    const document = readPointData(data);
    const resources = await content.read(client, document.spec);
    const resolved = checked(() => resolvePoint(document, resources, surroundings));
    const job = addressPoint(resolved, engine(), digest);
    if (job.key !== id) throw new MalformedMessage('the scenario is not the one of this address');
    const { profiles, traces } = contentNames(job.scenario);
    return {
      job,
      content: {
        profiles: new Map(profiles.map((hash) => [hash, library.profile(hash)])),
        traces: new Map(traces.map((hash) => [hash, library.trace(hash)])),
      },
    };
  };
}
