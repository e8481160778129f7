import type { Serving } from '../profile/serving.js';
import type { ServedModel, Server } from './scenario.js';
import { sharedCoresOf } from './shared-cores.js';

/**
 * What a request takes of the host's cores besides its execution, and an execution besides what it computes, as measured.
 * @param clientsAreHere whether those who send share the host
 */
export function requestCpuOf(
  { requestCpuUs, executionCpuUs, clientCpuUs = 0 }: Serving,
  clientsAreHere: boolean,
): Pick<ServedModel, 'requestCpuUs' | 'executionCpuUs'> {
  if (requestCpuUs === undefined) return {};
  return {
    requestCpuUs: requestCpuUs + (clientsAreHere ? clientCpuUs : 0),
    ...(executionCpuUs !== undefined && { executionCpuUs }),
  };
}

/**
 * Index of the device that stands for the cores of the server's host, where taking requests in costs executions that
 * compute on it some of them; undefined where nothing is taken, or nothing computes.
 */
export function coresOfRequests({ devices, models }: Server): number | undefined {
  const takes = ({ requestCpuUs = 0, executionCpuUs = 0 }: ServedModel) => requestCpuUs + executionCpuUs > 0;
  if (!models.some(takes)) return undefined;
  const index = devices.findIndex((device) => sharedCoresOf(device) !== undefined);
  const computes = models.some(({ instances }) =>
    instances.some(({ device, profile }) => device === index && profile.hostCores.infer > 0),
  );
  return index >= 0 && computes ? index : undefined;
}
