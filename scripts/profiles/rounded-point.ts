import type { ServicePoint } from '../../src/profile/profile.js';
import { round4 } from '../support/source-table.js';

/** Coarse enough that a profile is the same text on every machine. */
export function roundedPoint({ deviceMs, deviceMsError, ...point }: ServicePoint): ServicePoint {
  return {
    ...point,
    inputMs: round4(point.inputMs),
    inferMs: round4(point.inferMs),
    outputMs: round4(point.outputMs),
    ...(deviceMs !== undefined && { deviceMs: round4(deviceMs) }),
    ...(deviceMsError !== undefined && { deviceMsError: round4(deviceMsError) }),
  };
}
