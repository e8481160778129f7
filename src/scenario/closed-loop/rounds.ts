import { withClientPause } from '../generator-delay.js';
import { type QueuePolicy, queuePolicyOf } from '../model-config.js';
import { networkDelayOf } from '../network-delay.js';
import type { Scenario, ServedModel, Server, Tenant } from '../scenario.js';
import { shortestServingUs } from './serving-time.js';

/** A client that is refused tries again no sooner: with no network and no thinking, time would stand still. */
export const BACK_OFF_US = 1000;

/** Requests per second of a closed loop whose requests never wait for each other; Infinity where nothing takes time. */
export function sentPerS(tenant: Tenant, servers: Scenario['servers']): number {
  const shortestUs = Math.min(...targetsOf(tenant, servers).map((target) => answerUs(tenant, target)));
  const { own, shared } = clientTimes(tenant);
  return Math.min(perS(tenant, own + thinkUs(tenant, servers) + shortestUs), shared);
}

/** Times are whole nanoseconds: what is shorter takes none. */
const NO_TIME_US = 0.0005;

/**
 * Whether a client could send again at the instant at which it sent, because nothing on the way takes time: a closed loop
 * without a number of requests would then never end.
 */
export function neverEnds(tenant: Tenant, servers: Scenario['servers']): boolean {
  const { load } = tenant;
  if (load.mode !== 'closed' || Number.isFinite(load.maxRequests)) return false;
  return sentPerS(tenant, servers) > perS(tenant, NO_TIME_US);
}

/** What the threads of a client add to a round, microseconds, and the most requests per second that they send. */
function clientTimes({ load }: Tenant): { readonly own: number; readonly shared: number } {
  const client = load.mode === 'closed' ? load.client : undefined;
  if (client === undefined) return { own: 0, shared: Infinity };
  const { threads, sendUs } = client;
  if (threads.kind === 'own') return { own: sendUs, shared: Infinity };
  return { own: 0, shared: (threads.count * 1e6) / sendUs };
}

/** Requests per second that queues refuse, at the most: of the closed-loop clients for whom there is no room, or whose requests time out. */
export function refusedPerS(tenant: Tenant, servers: Scenario['servers']): number {
  const thinksUs = Math.max(BACK_OFF_US, thinkUs(tenant, servers));
  const rates = targetsOf(tenant, servers).map((target) => {
    const policy = queuePolicyOf(target.model.config, tenant.priority);
    if (policy === undefined) return 0;
    const { maxQueueSize, defaultTimeoutUs, timeoutAction } = policy;
    const roundUs = thinksUs + networkDelayUs(tenant, target);
    const all = closedLoopClients(tenant);
    const crowdedOut = maxQueueSize === 0 ? 0 : Math.max(0, 1 - maxQueueSize / all) * perS(tenant, roundUs);
    const isGivenUp = timeoutAction === 'REJECT' && defaultTimeoutUs > 0;
    return crowdedOut + (isGivenUp ? perS(tenant, roundUs + shortestTimeoutUs(tenant, policy)) : 0);
  });
  return Math.max(0, ...rates);
}

interface Target {
  readonly server: Server;
  readonly model: ServedModel;
  /** Of the model on the server. */
  readonly index: number;
}

function targetsOf({ targets }: Tenant, servers: Scenario['servers']): Target[] {
  return targets.map(({ server, model }) => ({
    server: servers[server]!,
    model: servers[server]!.models[model]!,
    index: model,
  }));
}

function closedLoopClients({ load }: Tenant): number {
  return load.mode === 'closed' ? load.concurrency : 0;
}

function perS(tenant: Tenant, roundUs: number): number {
  return (closedLoopClients(tenant) * 1e6) / roundUs;
}

function thinkUs(tenant: Tenant, servers: Scenario['servers']): number {
  const { load } = withClientPause(tenant, servers);
  return load.mode === 'closed' ? load.thinkTime.meanUs : 0;
}

/** Shortest way there and back. */
function networkDelayUs(
  { requestBytes, responseBytes, batchSize }: Tenant,
  { server, model }: Target,
): number {
  const { network } = server;
  const { requestDelayUs, responseDelayUs } = networkDelayOf({ network }, model);
  return (
    requestDelayUs +
    (requestBytes * batchSize) / network.requestBytesPerUs +
    (responseBytes * batchSize) / network.responseBytesPerUs +
    responseDelayUs
  );
}

/** From sending a request until its answer, where nobody else is there. */
function answerUs(tenant: Tenant, target: Target): number {
  const { server, index } = target;
  return networkDelayUs(tenant, target) + shortestServingUs(server.models, index, tenant);
}

function shortestTimeoutUs({ timeoutUs }: Tenant, policy: QueuePolicy): number {
  const { allowTimeoutOverride, defaultTimeoutUs } = policy;
  return allowTimeoutOverride && timeoutUs > 0 ? Math.min(timeoutUs, defaultTimeoutUs) : defaultTimeoutUs;
}
