/** What a request does in its sequence, as bits of a trace's `sequenceFlags`. */
export const SEQUENCE_START = 1;
export const SEQUENCE_END = 2;
