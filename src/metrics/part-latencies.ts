import type { LatencySummary, TenantSummary } from './summary.js';

/** What is measured of requests besides their whole latency: of streams, and of whole sequences. */
export const PART_LATENCIES = [
  'firstResponse',
  'betweenResponses',
  'sequenceFirstAnswer',
  'sequenceLastAnswer',
] as const;

export type PartLatency = (typeof PART_LATENCIES)[number];

/** Undefined of a tenant whose requests are no streams, or belong to no sequences. */
export function partLatency(
  { stream, sequences }: Pick<TenantSummary, 'stream' | 'sequences'>,
  part: PartLatency,
): LatencySummary | undefined {
  switch (part) {
    case 'firstResponse':
      return stream?.firstResponseMs;
    case 'betweenResponses':
      return stream?.betweenResponsesMs;
    case 'sequenceFirstAnswer':
      return sequences?.firstAnswerMs;
    case 'sequenceLastAnswer':
      return sequences?.lastAnswerMs;
  }
}
