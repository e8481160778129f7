import type { ModelProfile } from '../profile/profile.js';
import { measuredNetworkDelay } from '../scenario/network-delay.js';
import type { SlotKind } from './placement.js';
import type { MachineKind, MachineNetwork } from './problem-setting.js';

/**
 * What takes requests in and lets answers out: of a server what it has, of a load what it keeps busy.
 * Every request passes it, whatever executes it.
 */
export interface HostSide {
  readonly threads: number;
  readonly requestBytesPerS: number;
  readonly responseBytesPerS: number;
}

export interface RequestFlow {
  readonly requestsPerS: number;
  readonly requestBytesPerS: number;
  readonly responseBytesPerS: number;
}

/** Bytes of one request and of its answer. */
export interface RequestSize {
  readonly requestBytes: number;
  readonly responseBytes: number;
}

export const HOST_PARTS: readonly (keyof HostSide)[] = ['threads', 'requestBytesPerS', 'responseBytesPerS'];

/** The host side of the server on a slot. Threads run on the host's cores: no more of them at once than cores. */
export function hostSideOf({ cpuCores, frontEndThreads, network }: MachineKind, slot: SlotKind): HostSide {
  const { hostShare } = slot;
  return {
    threads: Math.min(frontEndThreads, cpuCores * hostShare),
    requestBytesPerS: network.requestBytesPerS * hostShare,
    responseBytesPerS: network.responseBytesPerS * hostShare,
  };
}

export function hostUse({ frontEnd }: ModelProfile, flow: RequestFlow): HostSide {
  const { requestsPerS, requestBytesPerS, responseBytesPerS } = flow;
  const busyUs = requestsPerS * frontEnd.perRequestUs + (requestBytesPerS / 1024) * frontEnd.perKilobyteUs;
  return { threads: busyUs / 1e6, requestBytesPerS, responseBytesPerS };
}

/** The part of `has` that is used most, as a share of it. */
export function busiestShare(has: HostSide, uses: readonly HostSide[]): number {
  return Math.max(...HOST_PARTS.map((part) => uses.reduce((sum, use) => sum + use[part], 0) / has[part]));
}

/**
 * Milliseconds of a request outside of its execution while nothing is in its way: the network both ways,
 * a front-end thread, the making of its answer.
 */
export function outsideMs(
  has: HostSide,
  network: MachineNetwork,
  profile: ModelProfile,
  size: RequestSize,
): number {
  const handledUs =
    threadUs(profile.frontEnd, size) + requestLinkUs(has, size) + answerUs(has, profile, size);
  return networkDelayMs(network, profile) + handledUs / 1000;
}

/** There and back: as the plan says, else as it was measured together with the profile. */
export function networkDelayMs(network: MachineNetwork, { serving }: ModelProfile): number {
  const measured = serving && measuredNetworkDelay(serving);
  const requestUs = network.requestDelayUs ?? measured?.requestDelayUs ?? 0;
  const responseUs = network.responseDelayUs ?? measured?.responseDelayUs ?? 0;
  return (requestUs + responseUs) / 1000;
}

/**
 * Milliseconds of a request before the executions that it may join begin, and after its own has ended: never more than any
 * request takes.
 */
export interface LeastNetworkDelay {
  readonly beforeMs: number;
  readonly afterMs: number;
}

/** Without what varies, or depends on the models beside it. */
export function leastNetworkDelay(
  has: HostSide,
  network: MachineNetwork,
  profile: ModelProfile,
  size: RequestSize,
): LeastNetworkDelay {
  const { requestDelayUs = 0, responseDelayUs = 0 } = network;
  const varies = (profile.frontEnd.cv ?? 0) > 0;
  const frontEndUs = varies ? 0 : threadUs(profile.frontEnd, size);
  return {
    beforeMs: (requestDelayUs + requestLinkUs(has, size) + frontEndUs) / 1000,
    afterMs: (answerUs(has, profile, size) + responseDelayUs) / 1000,
  };
}

function threadUs({ perRequestUs, perKilobyteUs }: ModelProfile['frontEnd'], size: RequestSize): number {
  return perRequestUs + (perKilobyteUs * size.requestBytes) / 1024;
}

function requestLinkUs(has: HostSide, { requestBytes }: RequestSize): number {
  return (1e6 * requestBytes) / has.requestBytesPerS;
}

/** The response on the instance's thread, and the link. */
function answerUs(has: HostSide, { response }: ModelProfile, { responseBytes }: RequestSize): number {
  const linkUs = (1e6 * responseBytes) / has.responseBytesPerS;
  return response.perRequestUs + (response.perKilobyteUs * responseBytes) / 1024 + linkUs;
}
