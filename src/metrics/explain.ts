import { type Cause, type CauseFacts, type Counterfactual, findCauses } from './causes.js';
import { compareSlowRequests, type SlowRequests, type TenantWindow } from './slow-requests.js';

/** A question about one tenant: its requests, what is known of the set-up, and what else was tried. */
export interface ExplainQuestion extends TenantWindow {
  readonly facts?: CauseFacts;
  readonly counterfactuals?: readonly Counterfactual[];
}

export interface Explanation {
  readonly tenant: string;
  /** Undefined when none of its requests was completed. */
  readonly slow: SlowRequests | undefined;
  /** Lost requests where they alone miss the SLO; what a counterfactual run confirmed, by what it costs; what the split suggests. */
  readonly causes: readonly Cause[];
}

/** Splits the time of slow requests against typical ones and names what is to blame. */
export function explain(question: ExplainQuestion): Explanation {
  const slow = compareSlowRequests(question);
  return {
    tenant: question.tenant.name,
    slow,
    causes: findCauses({
      tenant: question.tenant,
      slow,
      facts: question.facts ?? {},
      counterfactuals: question.counterfactuals ?? [],
    }),
  };
}
