import { requestCpuOf } from '../../../effects/request-cpu.js';
import { threadWaitsOf } from '../../../effects/thread-waits.js';
import type { ModelProfile } from '../../../profile/profile.js';
import { withCpuDevices } from '../../../scenario/check/cpu-devices.js';
import { FRONT_END_THREADS } from '../../../scenario/check/grpc-threads.js';
import type { ModelConfig } from '../../../scenario/model-config.js';
import { awakeUsOf, measuredNetworkDelay } from '../../../scenario/network-delay.js';
import type { Load, Scenario, ServedModel, Server, Tenant } from '../../../scenario/scenario.js';
import type { Trace } from '../../../trace/trace.js';
import { activeInstances } from '../../experiment.js';
import type { Observation } from '../../observation.js';
import { SHARE_OF_TURNS } from '../../turns.js';

/** A model as it served, with a candidate profile. */
export interface ReplayedModel {
  readonly config: ModelConfig;
  readonly profile: ModelProfile;
}

/** Models on one server with as many instances as they have, as a client of perseus sees it. */
export function replayScenario(observation: Observation, served: readonly ReplayedModel[]): Scenario {
  const models = served.map(({ config, profile }): ServedModel => {
    const instances = Array.from({ length: activeInstances(config) }, () => ({ device: -1, profile }));
    const { serving } = profile;
    // Its requests were sequences of one each, which need no slots of their own.
    const { sequences: _, ...batched } = config;
    return {
      config: batched,
      instances,
      networkDelay: measuredNetworkDelay(serving!, serving!.generatorUs),
      ...requestCpuOf(serving!, true),
    };
  });
  const tenants = served.map(
    ({ config, profile }, model): Tenant => ({
      name: config.name,
      model: config.name,
      targets: [{ server: 0, model }],
      routing: 'roundRobin',
      ...loadOf(observation, { config, profile }),
      requestBytes: profile.payload.requestBytes,
      responseBytes: profile.payload.responseBytes,
      priority: 0,
      timeoutUs: 0,
      shape: 0,
    }),
  );
  return {
    name: `replay of ${observation.experiment.id}`,
    seed: 1,
    durationUs: (observation.durationS + DRAIN_S) * 1e6,
    warmUpUs: 0,
    servers: [replayServer(models, served[0]!.profile)],
    tenants,
  };
}

/** Requests under way at the end of a point were answered and counted. */
const DRAIN_S = 2;

function replayServer(models: readonly ServedModel[], profile: ModelProfile): Server {
  const serving = profile.serving!;
  const { threadWaits: _, ...delays } = serving;
  const { protocol = 'grpc' } = profile.provenance;
  return {
    name: 'server',
    machine: { kind: 'measured', usdPerHour: 0, priceSource: 'none' },
    cpuCores: Number.POSITIVE_INFINITY,
    network: {
      requestDelayUs: serving.requestDelayUs,
      responseDelayUs: serving.responseDelayUs,
      requestBytesPerUs: Number.POSITIVE_INFINITY,
      responseBytesPerUs: Number.POSITIVE_INFINITY,
    },
    options: {
      tritonVersion: 'measured',
      protocol,
      frontEndThreads: FRONT_END_THREADS[protocol],
      ...delays,
      batcherAwakeUs: awakeUsOf(serving),
      ...threadWaitsOf(serving),
    },
    ...withCpuDevices([], models, serving.cpuCores),
  };
}

/** What its clients did: clients that need a moment of their own between an answer and the next request, or arrivals. */
function loadOf(
  observation: Observation,
  { config, profile }: ReplayedModel,
): Pick<Tenant, 'load' | 'usualPerS' | 'batchSize'> {
  const { experiment } = observation;
  if (experiment.kind === 'pair') {
    const batchSize = experiment.model === config.name ? experiment.batchSize : experiment.otherBatchSize;
    return { load: closedLoopOf(profile, 1), batchSize };
  }
  if (experiment.kind !== 'saturated' && experiment.kind !== 'backlog')
    return { ...openLoad(observation, config.name), batchSize: 1 };
  const { concurrency, batchSize } = experiment;
  return { load: closedLoopOf(profile, concurrency), batchSize };
}

function closedLoopOf({ serving }: ModelProfile, concurrency: number): Load {
  const thinkTime = { law: 'exponential', meanUs: serving!.generatorUs } as const;
  return { mode: 'closed', concurrency, thinkTime, maxRequests: Number.POSITIVE_INFINITY };
}

/** The arrivals of a model, and how many there are per second while it sends: not in the turn of the other one, nor in the time after all. */
function openLoad(observation: Observation, model: string): Pick<Tenant, 'load' | 'usualPerS'> {
  const { durationS, experiment } = observation;
  const trace = traceOf(observation, model);
  const sendsS = experiment.kind === 'together' ? durationS * SHARE_OF_TURNS : durationS;
  return { load: { mode: 'open', trace }, usualPerS: trace.arrivalUs.length / sendsS };
}

function traceOf(observation: Observation, model: string): Trace {
  const { sentUs = [] } = observation.clients.find((each) => each.model === model)!;
  const arrivalUs = Float64Array.from(sentUs);
  return {
    tenants: [model],
    arrivalUs,
    tenant: new Uint16Array(arrivalUs.length),
    durationUs: observation.durationS * 1e6,
  };
}
