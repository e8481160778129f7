import type { ModelProfile } from '../../profile/profile.js';
import { serviceTime, totalMs } from '../../profile/service-time.js';
import { shortestServingUs } from '../closed-loop/serving-time.js';
import { isComposed } from '../composition.js';
import { networkDelayOf } from '../network-delay.js';
import type { Network, Tenant } from '../scenario.js';
import type { ResolvedServers } from './servers.js';

/**
 * Whether a client could send again at the instant at which it sent, because nothing on the way takes a
 * nanosecond: a closed loop without a number of requests would then never end.
 */
export function neverEnds(tenant: Tenant, { servers }: ResolvedServers): boolean {
  const { load } = tenant;
  if (load.mode !== 'closed' || Number.isFinite(load.maxRequests)) return false;
  return tenant.targets.some(({ server, model }) => {
    const { network, models } = servers[server]!;
    const served = models[model]!;
    if (isComposed(served) || served.engine !== undefined) {
      const { requestDelayUs, responseDelayUs } = networkDelayOf({ network }, served);
      const us = [load.thinkTime.meanUs, requestDelayUs + responseDelayUs];
      return us.every((each) => each === 0) && shortestServingUs(models, model, tenant) === 0;
    }
    return served.instances.some(({ profile }) =>
      [
        load.thinkTime.meanUs,
        load.client?.sendUs ?? 0,
        ...travelUs(tenant, { ...network, ...networkDelayOf({ network }, served) }),
        ...servingUs(tenant, profile),
      ].every((us) => Math.round(us * 1000) === 0),
    );
  });
}

function travelUs({ requestBytes, responseBytes, batchSize }: Tenant, network: Network): number[] {
  return [
    network.requestDelayUs,
    (requestBytes * batchSize) / network.requestBytesPerUs,
    (responseBytes * batchSize) / network.responseBytesPerUs,
    network.responseDelayUs,
  ];
}

/** Pick-up delays are left out: an instance that is not idle has none. */
function servingUs({ requestBytes, responseBytes, batchSize }: Tenant, profile: ModelProfile): number[] {
  const { frontEnd, response } = profile;
  return [
    frontEnd.perRequestUs + (frontEnd.perKilobyteUs * requestBytes * batchSize) / 1024,
    1000 * totalMs(serviceTime(profile, batchSize)),
    response.fixedUs +
      (response.releaseUs ?? 0) +
      response.perRequestUs +
      (response.perKilobyteUs * responseBytes * batchSize) / 1024,
  ];
}
