import { blankProfile } from '../../profile/blank.js';
import type { FitSummary, ModelProfile } from '../../profile/profile.js';
import { withDeviceWork } from '../device-work.js';
import type { SummarySetup } from './observation.js';
import { paddedBatches } from './padded-batches.js';
import { type SummaryParameters, type SummarySpread, servicePoints } from './parameters.js';

/**
 * Reading a request takes a handler thread about 20 us at least: with none, clients that were answered together
 * would send, and be batched, at one instant forever.
 */
export const LEAST_HANDLER_MS = 0.02;

/** What a profile says besides the parameters: where the table comes from. */
export interface SummaryFacts {
  readonly provenance?: Partial<ModelProfile['provenance']>;
}

/** Parameters as the profile by which the simulator runs. */
export function summaryProfile(
  parameters: SummaryParameters,
  setup: SummarySetup,
  spread: SummarySpread,
  facts: SummaryFacts = {},
  fit?: FitSummary,
): ModelProfile {
  const { payload, instances } = setup;
  const { slowdownExcess } = parameters;
  const isTensorRt = setup.takesTurns === true || setup.pipelined === true;
  const table = servicePoints(parameters.service, setup.config.maxBatchSize);
  const measured = isTensorRt ? paddedBatches(table) : table;
  // Executions of a TensorRT model on a device never meet.
  const service = slowdownExcess !== undefined || isTensorRt ? measured : withDeviceWork(measured);
  const blank = blankProfile(setup.model, setup.device);
  return {
    ...blank,
    provenance: {
      ...{ ...blank.provenance, source: 'summary table', gpu: setup.device, backend: backendOf(setup) },
      ...facts.provenance,
    },
    service,
    spread: spread.service,
    response: { ...blank.response, perRequestUs: parameters.responseMs * 1000 },
    frontEnd: {
      ...frontEndTimes(parameters.handlerMs, setup),
      ...(spread.handlerCv > 0 && { cv: spread.handlerCv }),
    },
    payload,
    interference: {
      ...(instances > 1 && slowdownExcess !== undefined && { self: 1 + slowdownExcess }),
      pairs: [],
    },
    region: {
      ...blank.region,
      batchSizes: table.map(({ batchSize }) => batchSize),
      maxInstances: instances,
      sharing: [instances > 1 ? 'streams' : 'exclusive'],
    },
    ...(fit !== undefined && { fit }),
  };
}

function backendOf({ config }: SummarySetup): string {
  return config.backend || config.platform || 'unknown';
}

/** The handler's time goes by bytes where they are known; else every request costs the same. */
export function frontEndTimes(
  handlerMs: number,
  { payload: { requestBytes }, sharedMemory }: Pick<SummarySetup, 'payload' | 'sharedMemory'>,
): ModelProfile['frontEnd'] {
  // Requests that leave their bytes in shared memory are read all the same.
  if (sharedMemory !== undefined)
    return { perRequestUs: LEAST_HANDLER_MS * 1000, perKilobyteUs: serialUs(handlerMs, requestBytes) };
  if (requestBytes === 0) return { perRequestUs: handlerMs * 1000, perKilobyteUs: 0 };
  return { perRequestUs: 0, perKilobyteUs: serialUs(handlerMs, requestBytes) };
}

function serialUs(handlerMs: number, requestBytes: number): number {
  return (handlerMs * 1000) / (requestBytes / 1024);
}
