import type { Serving } from '../profile/profile.js';
import type { Server } from './scenario.js';

/**
 * What a request takes of the host's cores besides its execution, as measured.
 * @param clientsAreHere whether those who send share the host
 */
export function requestCpuOf(
  { requestCpuUs, clientCpuUs = 0 }: Serving,
  clientsAreHere: boolean,
): { readonly requestCpuUs?: number } {
  if (requestCpuUs === undefined) return {};
  return { requestCpuUs: requestCpuUs + (clientsAreHere ? clientCpuUs : 0) };
}

/**
 * Index of the device that stands for the cores of the server's host, where taking requests in costs executions that
 * compute on it some of them; undefined where nothing is taken, or nothing computes.
 */
export function coresOfRequests({ devices, models }: Server): number | undefined {
  if (!models.some(({ requestCpuUs = 0 }) => requestCpuUs > 0)) return undefined;
  const index = devices.findIndex(({ sharing }) => sharing.mode === 'streams' && sharing.cores !== undefined);
  const computes = models.some(({ instances }) =>
    instances.some(({ device, profile }) => device === index && profile.hostCores.infer > 0),
  );
  return index >= 0 && computes ? index : undefined;
}
