import type { ModelProfile } from '../../../profile/profile.js';
import { countedPoints, type Observation } from '../../observation.js';
import { requestMeans } from '../phases.js';
import { thousandths } from '../rounding.js';
import { fitPerKilobyte, KILOBYTE } from './per-kilobyte.js';

export interface ResponseFit {
  /** Of the instance's thread, for each kilobyte of a response. */
  readonly perKilobyteUs: number;
  readonly isKnown: boolean;
}

/** Part of a single client's execution below which it does not matter what the kilobytes of its response cost. */
const NEGLIGIBLE = 0.01;

/**
 * A kilobyte of response: what a single client's request takes in the server besides queue and phases grows with the size of its
 * response, which holds one inference and more. Backends that send responses in their output phase have it there.
 */
export function fitResponse(
  observations: readonly Observation[],
  model: string,
  { responseBytes }: ModelProfile['payload'],
): ResponseFit {
  const points = countedPoints(observations, 'sequential', model).map(({ experiment, counted }) => {
    const { requestUs, queueUs, overheadUs } = requestMeans(counted);
    const kilobytes = (responseBytes * experiment.batchSize) / KILOBYTE;
    return { kilobytes, us: overheadUs, executionUs: requestUs - queueUs };
  });
  const shortestUs = Math.min(...points.map(({ executionUs }) => executionUs));
  const { us, isKnown } = fitPerKilobyte(points, NEGLIGIBLE * shortestUs);
  return { perKilobyteUs: thousandths(us), isKnown };
}
