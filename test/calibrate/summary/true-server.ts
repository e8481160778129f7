import type { SummarySetup } from '../../../src/calibrate/summary/observation.js';
import type { SummaryParameters } from '../../../src/calibrate/summary/parameters.js';
import { config } from '../../support/scenario.js';

export const setup: SummarySetup = {
  model: 'm',
  device: 'Test GPU',
  config: config('m', 8, { preferredBatchSizes: [8] }),
  instances: 1,
  payload: { requestBytes: 0, responseBytes: 0 },
  protocol: 'grpc',
};

export const truth: SummaryParameters = {
  service: { kind: 'line', inferFixedMs: 3, inferMs: 0.8, inputMs: 0.05, outputMs: 0.02 },
  responseMs: 0.02,
  handlerMs: 0.05,
  linkMs: 0.02,
  roundTripMs: 0.3,
  slowdownExcess: 0,
};
export const spread = { service: { law: 'none' }, handlerCv: 0.5 } as const;
