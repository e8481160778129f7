import { asEver, type EffectStudy, effect, type FieldsIn, removed } from './effect.js';
import type { HostCoresFields } from './host-cores.js';
import { type ServedSide, type ServerSide, withModels } from './server-side.js';
import { sharedCoresOf } from './shared-cores.js';
import { us } from './values.js';

const schema = {
  // Front end, batcher and what wakes them.
  requestCpuUs: us
    .exactOptional()
    .describe('Core time of the host that a request takes besides its execution'),
  // Instance thread, the backend's process.
  executionCpuUs: us
    .exactOptional()
    .describe('Core time of the host that an execution takes besides what it computes'),
  clientCpuUs: us.exactOptional().describe('The same of the client that sends it, on the same host'),
};

export type RequestCpuFields = FieldsIn<typeof schema>;

/** Taking requests in and dispatching executions takes core time from what computes on the host. */
export const requestCpu = effect({
  name: 'request-cpu',
  schema,
  couples: (server) => (coresOfRequests(server) === undefined ? undefined : 'time'),
});

export const requestCpuStudy = {
  describe: ({ requestCpuUs = 0, executionCpuUs = 0, clientCpuUs = 0 }) => [
    ['core time of a request besides its execution (us)', requestCpuUs],
    ['core time of an execution besides what it computes (us)', executionCpuUs],
    ['core time of its client (us)', clientCpuUs],
  ],
  // The client is another program; its own time stays.
  scale: ({ requestCpuUs, executionCpuUs, ...client }, times) => ({
    ...client,
    ...(requestCpuUs !== undefined && { requestCpuUs: requestCpuUs * times }),
    ...(executionCpuUs !== undefined && { executionCpuUs: executionCpuUs * times }),
  }),
  none: removed,
  least: asEver,
  cause: {
    code: 'request-cpu',
    text: 'taking requests in takes host cores from executions; if it took none',
  },
  resolved: { none: withoutRequestCpu, least: asEver },
} as const satisfies EffectStudy<RequestCpuFields>;

/**
 * What a request takes of the host's cores besides its execution, and an execution besides what it computes, as measured.
 * @param clientsAreHere whether those who send share the host
 */
export function requestCpuOf(
  { requestCpuUs, executionCpuUs, clientCpuUs = 0 }: RequestCpuFields,
  clientsAreHere: boolean,
): Pick<ServedSide, 'requestCpuUs' | 'executionCpuUs'> {
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
export function coresOfRequests(server: ServerSide): number | undefined {
  const { devices, models } = server as ServerSide<HostCoresFields>;
  const isTaken = models.some(
    ({ requestCpuUs = 0, executionCpuUs = 0 }) => requestCpuUs + executionCpuUs > 0,
  );
  if (!isTaken) return undefined;
  const index = devices.findIndex((device) => sharedCoresOf(device) !== undefined);
  const computes = models.some(({ instances }) =>
    instances.some(({ device, profile }) => device === index && profile.hostCores.infer > 0),
  );
  return index >= 0 && computes ? index : undefined;
}

function withoutRequestCpu<Side extends ServerSide>(server: Side): Side {
  return withModels(server, ({ requestCpuUs: _r, executionCpuUs: _e, ...model }) => model);
}
