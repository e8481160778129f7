import { computed } from '@preact/signals';
import { onDemand } from './on-demand.js';
import { answer, spec } from './state.js';

const doubting = onDemand('doubt');

/** Two more runs of more requests than these would take the page's time. */
const MOST_REQUESTS = 2e6;
/** Who goes on changing things within this time does not wait for them. */
const IDLE_MS = 700;

let waiting: ReturnType<typeof setTimeout> | undefined;
answer.subscribe((shown) => {
  clearTimeout(waiting);
  if (shown?.isWhole !== true || shown.report.summary.total.counts.offered > MOST_REQUESTS) return;
  const asked = spec.peek();
  waiting = setTimeout(() => {
    if (asked === spec.peek()) doubting.start({ kind: 'doubt', usual: shown.report.summary });
  }, IDLE_MS);
});

/** What is left open by what is not known of the profiles, from the whole run on. */
export const doubt = computed(() => doubting.state.value.result);

/** The report that is shown, with that in it. */
export const report = computed(() => {
  const shown = answer.value?.report;
  return shown && { ...shown, ...(doubt.value && { doubt: doubt.value }) };
});
