import { computed } from '@preact/signals';
import { onDemand } from './on-demand.js';
import { answer } from './state.js';

const doubting = onDemand('doubt');

/** Two more runs of more requests than these would take the page's time. */
const MOST_REQUESTS = 2e6;

answer.subscribe((shown) => {
  // After those who forget it because the scenario is another one.
  queueMicrotask(() => {
    if (shown !== answer.peek() || shown?.isWhole !== true) return;
    const { summary } = shown.report;
    if (summary.total.counts.offered <= MOST_REQUESTS) doubting.start({ kind: 'doubt', usual: summary });
  });
});

/** What is left open by what is not known of the profiles, from the whole run on. */
export const doubt = computed(() => doubting.state.value.result);

/** The report that is shown, with that in it. */
export const report = computed(() => {
  const shown = answer.value?.report;
  return shown && { ...shown, ...(doubt.value && { doubt: doubt.value }) };
});
