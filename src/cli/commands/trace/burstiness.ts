import type { Trace } from '../../../trace/trace.js';
import type { Remarks } from './write.js';

/** Says how a trace was changed and what that did to its burstiness. */
export async function burstinessRemarks(before: Trace, after: Trace, method: string): Promise<Remarks> {
  const { describeTrace } = await import('../../../trace/describe.js');
  const { burstinessChanges, burstinessToSentence } = await import('../../../report/trace-text.js');
  const burstiness = burstinessChanges(describeTrace(before), describeTrace(after));
  return { sentences: [method, burstinessToSentence(burstiness)], facts: { method, burstiness } };
}
