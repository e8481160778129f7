import { Outcome } from '../../trace/request-log.js';
import { SEQUENCE_END, SEQUENCE_START } from '../../trace/sequence-flags.js';
import type { MeasuredSequences } from '../measured-tenant.js';
import type { SequenceSummary } from '../summary.js';
import type { TenantColumns } from './columns.js';
import { latencyOf } from './latency-summary.js';
import type { Window } from './rates.js';

/** One sequence, from its first request on; times in microseconds. */
interface Sequence {
  readonly plannedUs: number;
  /** Where its latency begins. */
  readonly beganUs: number;
  /** When its first request was answered; NaN: it was not. */
  readonly firstUs: number;
  /** When the last of its answers came so far. */
  lastUs: number;
  /** Whether all of its requests were answered so far. */
  isAnswered: boolean;
  hasEnded: boolean;
}

/**
 * What whole sequences of a tenant took that began inside the window; undefined where none did.
 * @param sequences of each request by its place in the columns: it may say more than there are
 */
export function summarizeSequences(
  columns: TenantColumns,
  sequences: MeasuredSequences,
  { fromUs, endUs }: Window,
  isFromSent: boolean,
): SequenceSummary | undefined {
  const begun = sequencesOf(columns, sequences, isFromSent).filter(
    ({ plannedUs }) => plannedUs >= fromUs && plannedUs <= endUs,
  );
  if (begun.length === 0) return undefined;
  const answered = begun.filter(({ isAnswered, hasEnded }) => isAnswered && hasEnded);
  const first = begun.filter(({ firstUs }) => !Number.isNaN(firstUs));
  return {
    begun: begun.length,
    answered: answered.length,
    firstAnswerMs: latencyOf(Float64Array.from(first, ({ firstUs, beganUs }) => firstUs - beganUs)),
    lastAnswerMs: latencyOf(Float64Array.from(answered, ({ lastUs, beganUs }) => lastUs - beganUs)),
  };
}

function sequencesOf(
  { plannedUs, sentUs, endedUs, outcome }: TenantColumns,
  { ids, flags }: MeasuredSequences,
  isFromSent: boolean,
): Sequence[] {
  const all: Sequence[] = [];
  const open = new Map<number, Sequence>();
  for (let row = 0; row < plannedUs.length; row++) {
    const id = ids[row]!;
    if (id === 0) continue;
    const answeredUs = outcome[row] === Outcome.completed ? endedUs[row]! : Number.NaN;
    const isAnswered = !Number.isNaN(answeredUs);
    let sequence = open.get(id);
    if ((flags[row]! & SEQUENCE_START) !== 0) {
      const beganUs = (isFromSent ? sentUs : plannedUs)[row]!;
      sequence = {
        ...{ plannedUs: plannedUs[row]!, beganUs, firstUs: answeredUs, lastUs: answeredUs },
        ...{ isAnswered, hasEnded: false },
      };
      all.push(sequence);
      open.set(id, sequence);
    } else if (sequence !== undefined) {
      sequence.isAnswered &&= isAnswered;
      if (isAnswered && !(sequence.lastUs >= answeredUs)) sequence.lastUs = answeredUs;
    }
    if (sequence === undefined || (flags[row]! & SEQUENCE_END) === 0) continue;
    sequence.hasEnded = true;
    open.delete(id);
  }
  return all;
}
