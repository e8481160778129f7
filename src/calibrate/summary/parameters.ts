import { powersUpTo } from '../../base/powers-up-to.js';
import type { ServicePoint, Spread } from '../../profile/profile.js';
import { tablePoint } from './table-rows.js';

/**
 * What a summary table is explained by, besides the rules of the server. Milliseconds; "per inference"
 * because a table varies the inferences of a request, and with them its bytes.
 */
export interface SummaryParameters {
  /** Service time of a batch of b: a straight line, or the points of the table itself. */
  readonly service: ServiceLine | ServiceTable;
  /** Response building on the instance thread, for each request of a batch. */
  readonly responseMs: number;
  /** A front-end thread's time for reading the inputs of one inference. */
  readonly handlerMs: number;
  /** The shared way's time for the inputs of one inference when it has nothing else to carry. */
  readonly linkMs: number;
  /** Both directions together, whatever is carried. */
  readonly roundTripMs: number;
  /**
   * How much longer an execution takes beside another instance of the model: 0 nothing, 1 twice as long. Absent where
   * no row tells: it follows from how the service time grows with the batch.
   */
  readonly slowdownExcess?: number;
}

interface ServiceLine {
  readonly kind: 'line';
  /** Batch sizes of which the rows can tell; all that the model takes where left out. */
  readonly sizes?: readonly number[];
  readonly inputMs: number;
  readonly inferFixedMs: number;
  readonly inferMs: number;
  readonly outputMs: number;
}

/** Points by batch size, ascending; each less what a request of that size spends outside. */
interface ServiceTable {
  readonly kind: 'table';
  readonly points: readonly ServicePoint[];
}

/** The points of a profile: of a line at the sizes that it is known for, else at powers of two up to the largest. */
export function servicePoints(
  service: SummaryParameters['service'],
  maxBatchSize: number,
): readonly ServicePoint[] {
  if (service.kind === 'table') return service.points;
  return (service.sizes ?? powersUpTo(maxBatchSize)).map((batchSize) =>
    tablePoint(batchSize, {
      inputMs: service.inputMs * batchSize,
      inferMs: service.inferFixedMs + service.inferMs * batchSize,
      outputMs: service.outputMs * batchSize,
    }),
  );
}

/** Spread of the executions, and how unequal the front end's work is (lognormal). */
export interface SummarySpread {
  readonly service: Spread;
  readonly handlerCv: number;
}
