import type { Warning, WarningCode } from '../base/warning.js';

/** What to do about each kind of warning, in one sentence. */
const ADVICE: Record<WarningCode, string> = {
  'outside-profile-region':
    'Treat the figures as a guess, or measure the model under these conditions and add them to its profile.',
  'extrapolated-batch-size':
    'Lower max_batch_size to what the profile covers, or measure the larger batch sizes.',
  'interpolated-batch-size': 'Fine between close points; measure the batch sizes named if the tail matters.',
  'assumed-slowdown': 'Measure the two models side by side and add the pair to their profiles.',
  'assumed-parameter': 'Set it in the scenario, or measure it, if the answer depends on it.',
  'doubtful-profile':
    'Do not decide by its throughput or latency: measure the model on such a device, with perseus calibrate.',
  'other-transport':
    'Set triton.protocol to how requests come, or calibrate that way (--http-url, --shared-memory). --doubt shows how far off it may be.',
  overloaded:
    'Lower its load, add instances or devices, allow larger batches, or reject with max_queue_size.',
  backlogged: 'Run longer to see whether the queue drains, and look at the time line.',
  'short-run': 'Make the run longer or add runs until the intervals are as narrow as you need.',
  'warm-up-uncertain': 'Set a longer warm-up and compare.',
  'unserved-at-end': 'Run longer, or look for a model that cannot keep up.',
  'counted-latencies': 'Nothing, or simulate a shorter time if the last 0.1 % matters.',
  'batcher-sleeps':
    'It does not happen without priority levels, timeouts and queue limits, nor where closed-loop clients pause for a millisecond before they send again.',
  'waits-for-resources':
    'Give the server more of what its instances ask for (rateLimitResources), have them ask for less, or change priorities.',
  'trace-changed': 'Make the run as long as the trace, unless you meant another length.',
};

export function adviceFor(code: WarningCode): string {
  return ADVICE[code];
}

/** Kinds of warnings that ask nothing of a reader: they stand in reports, and on a terminal where all is asked for. */
const ASK_NOTHING: readonly WarningCode[] = [
  'interpolated-batch-size',
  'batcher-sleeps',
  'counted-latencies',
];

/** Whether a reader should do something about it. */
export function asksSomething({ code }: Pick<Warning, 'code'>): boolean {
  return !ASK_NOTHING.includes(code);
}

/**
 * What to do, where the warning itself does not stand beside it.
 * @param allIn the option that shows it
 */
export function adviceWithout(code: WarningCode, allIn: string): string {
  return code === 'assumed-parameter' ? `Values are assumed: ${allIn} says which.` : ADVICE[code];
}

export const WARNING_CODES = Object.keys(ADVICE) as WarningCode[];

/** A warning's message as a sentence: without its subject, which stands before it, and with a full stop. */
export function warningSentence({ subject, message }: Pick<Warning, 'subject' | 'message'>): string {
  const text = message.startsWith(`${subject}: `) ? message.slice(subject.length + 2) : message;
  // A name stands as it is written.
  const sentence = text.startsWith(subject) ? text : text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`;
}
