import type { ModelProfile, ServicePoint } from './profile.js';
import type { Serving } from './serving.js';

/**
 * The same model where everything takes `times` as long as measured: executions, also after a pause or at a low rate, responses,
 * the front end, and what requests take of the host's cores. The network delay to the server stays as it is.
 */
export function slowerProfile(profile: ModelProfile, times: number): ModelProfile {
  const { service, perRequest, response, frontEnd, linearIdlePenalty, logIdlePenalty, serving } = profile;
  return {
    ...profile,
    service: slowerService(service, times),
    ...(perRequest !== undefined && {
      perRequest: { inputUs: perRequest.inputUs * times },
    }),
    response: {
      fixedUs: response.fixedUs * times,
      perRequestUs: response.perRequestUs * times,
      perKilobyteUs: response.perKilobyteUs * times,
      ...(response.releaseUs !== undefined && { releaseUs: response.releaseUs * times }),
    },
    frontEnd: {
      ...frontEnd,
      perRequestUs: frontEnd.perRequestUs * times,
      perKilobyteUs: frontEnd.perKilobyteUs * times,
    },
    ...(linearIdlePenalty !== undefined && {
      linearIdlePenalty: { ...linearIdlePenalty, msPerIdleMs: linearIdlePenalty.msPerIdleMs * times },
    }),
    ...(logIdlePenalty !== undefined && {
      logIdlePenalty: { ...logIdlePenalty, inferMsPerDoubling: logIdlePenalty.inferMsPerDoubling * times },
    }),
    ...(serving !== undefined && {
      serving: { ...serving, ...slowerThreads(serving, times), ...slowerPhases(serving, times) },
    }),
  };
}

/** The same executions alone, where each phase takes `times` as long. */
export function slowerService(service: readonly ServicePoint[], times: number): readonly ServicePoint[] {
  return service.map((point) => ({
    ...point,
    inputMs: point.inputMs * times,
    inferMs: point.inferMs * times,
    outputMs: point.outputMs * times,
    ...(point.deviceMs !== undefined && { deviceMs: point.deviceMs * times }),
  }));
}

function slowerThreads(
  { batcherSignalUs, requestCpuUs, executionCpuUs }: Serving,
  times: number,
): Partial<Serving> {
  return {
    ...(batcherSignalUs !== undefined && { batcherSignalUs: batcherSignalUs * times }),
    ...(requestCpuUs !== undefined && { requestCpuUs: requestCpuUs * times }),
    ...(executionCpuUs !== undefined && { executionCpuUs: executionCpuUs * times }),
  };
}

/** What executions take longer at a low rate. */
function slowerPhases({ phasesByRate }: Serving, times: number): Pick<Serving, 'phasesByRate'> {
  if (phasesByRate === undefined) return {};
  return {
    phasesByRate: phasesByRate.map((rated) => ({
      ...rated,
      inputUs: rated.inputUs * times,
      inferUs: rated.inferUs * times,
      outputUs: rated.outputUs * times,
    })),
  };
}
