/** The simulator's threads take microseconds. */
export const SIMULATOR_TOLERANCE_MS = 1;
/** In rows with races a request may arrive 15 ms after the end of an execution, to wake a batcher that missed it. */
export const WAKE_UP_ORDER_TOLERANCE_MS = 16;
/** A thread of a machine that others use too comes late by milliseconds. */
export const LIVE_TOLERANCE_MS = 25;
