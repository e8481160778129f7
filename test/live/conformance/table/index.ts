import { type Row, rowOf } from '../row.js';
import { BATCHING } from './batching.js';
import { CACHES } from './caches.js';
import { CALLS } from './calls.js';
import { CONFIGURATIONS } from './configurations.js';
import { ENSEMBLES } from './ensembles.js';
import { GOLDEN } from './golden.js';
import { LIMITS } from './limits.js';
import { LOADING } from './loading.js';
import { QUEUE_POLICIES } from './queue-policies.js';
import { SCHEDULERS } from './schedulers.js';
import { SEQUENCES } from './sequences.js';
import { STREAMS } from './streams.js';

export interface Table {
  readonly name: string;
  /** What its page of results is called. */
  readonly title: string;
  readonly page: string;
  /** The notes whose sections its rows name. */
  readonly notes: string;
  /** Of its arrivals. */
  readonly notation: string;
  /** Whether its page says what a hand-over and a call cost. */
  readonly measuresCosts: boolean;
  readonly rows: readonly Row[];
}

/** Of one model. */
const BATCHERS: Table = {
  name: 'batchers',
  title: 'Conformance: simulator and real Triton on the same small scenarios',
  page: 'results/live/conformance.md',
  notes: 'triton-semantics.md',
  notation: `\`inferences@time\` (a letter is the shape of the input, \`p\` a priority level, \`t\` the request's own timeout).
A tilde: the start may come 500 ms later, because the batcher missed the moment at which the instance became idle`,
  measuresCosts: false,
  rows: [...GOLDEN, ...BATCHING, ...QUEUE_POLICIES, ...SCHEDULERS, ...CONFIGURATIONS].map(rowOf),
};

/** Of models that work for others, keep state or answers, and come and go. */
const COMPOSITIONS: Table = {
  name: 'compositions',
  title: 'Conformance of ensembles, sequences, caches, calls, streams, the rate limiter and loading',
  page: 'results/live/conformance-compositions.md',
  notes: 'triton-breadth.md',
  notation: `\`inferences>model@time\` (\`c\` content, \`s\` sequence with \`<\` START and \`>\` END, \`o\` wanted output).
\`_\` is padding; of a stream \`1+1+1@60\`: three responses to request 1, the first at 60. A request of content 13 kills the process
that executes it, where its row says so`,
  measuresCosts: true,
  rows: [...ENSEMBLES, ...SEQUENCES, ...CACHES, ...CALLS, ...STREAMS, ...LOADING, ...LIMITS],
};

/** The conformance tables, in the order in which they run. */
export const TABLES = [BATCHERS, COMPOSITIONS] as const;
