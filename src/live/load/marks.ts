import { InputError } from '../../base/problem.js';
import type { Random } from '../../base/random.js';
import { ContentSampler } from '../../scenario/contents.js';
import type { Contents } from '../../scenario/scenario.js';
import { SEQUENCE_END, SEQUENCE_START } from '../../trace/sequence-flags.js';
import type { Trace } from '../../trace/trace.js';
import type { PreparedRequest, RequestMark } from '../inference-client.js';

/** What each request of a planned load is that is otherwise equal to others, in the order of the plan. */
export interface PlannedMarks {
  readonly content?: Float64Array;
  readonly sequenceId?: Float64Array;
  readonly sequenceFlags?: ArrayLike<number>;
}

export function markOf({ content, sequenceId, sequenceFlags }: PlannedMarks, row: number): RequestMark {
  const id = sequenceId?.[row] ?? 0;
  const flags = sequenceFlags?.[row] ?? 0;
  return {
    ...(content !== undefined && { content: content[row]! }),
    ...(id > 0 && {
      sequence: { id, starts: (flags & SEQUENCE_START) !== 0, ends: (flags & SEQUENCE_END) !== 0 },
    }),
  };
}

/** Those of the rows for which it holds. */
export function selectMarks(marks: PlannedMarks, isMine: (row: number) => boolean): PlannedMarks {
  const { content, sequenceId, sequenceFlags } = marks;
  return {
    ...(content !== undefined && { content: content.filter((_, row) => isMine(row)) }),
    ...(sequenceId !== undefined && { sequenceId: sequenceId.filter((_, row) => isMine(row)) }),
    ...(sequenceFlags !== undefined && {
      sequenceFlags: Array.from(sequenceFlags).filter((_, row) => isMine(row)),
    }),
  };
}

/** The part of one of several threads, where no law draws from all of them. */
export function rangeOfThread(range: ContentRange, thread: number, threads: number): ContentRange {
  if (range.law !== undefined) return range;
  const count = Math.max(1, Math.floor(range.count / threads));
  return { from: range.from + (thread % range.count) * count, count };
}

/** What a sequence of a tenant is called on the server: each tenant numbers its own. */
export function sequenceOnServer(id: number, tenant: number, tenants: number): number {
  return id === 0 ? 0 : id * tenants + tenant;
}

/** Numbers of contents that a tenant without a trace of them may use. */
export interface ContentRange {
  readonly from: number;
  /** Used again from the first on after so many. */
  readonly count: number;
  /** Absent: each content is like no other. */
  readonly law?: Contents;
}

export function contentSource({ from, count, law }: ContentRange, random: Random): () => number {
  if (law !== undefined) {
    const sampler = new ContentSampler(law, random);
    return () => from + sampler.next();
  }
  let used = 0;
  return () => from + (used++ % count);
}

/** Of a closed loop, whose requests nobody counts before. */
const MOST_OF_CLOSED_LOOP = 2 ** 17;
/** So many times as many contents as a run has must fit in: then another run that a cache still knows hardly has one of them. */
const LEAST_ROOM = 64;

/** Numbers for the contents of a run: equal where traces say the same, or a law draws the same for a tenant. */
export class ContentNumbers {
  #next = 0;
  readonly #ofTraces = new Map<number, number>();

  /** Contents of a trace's requests; of those of which it says nothing by the tenant's law. */
  ofTrace({ contentId }: Trace, rows: number, law: Contents | undefined, random: Random): Float64Array {
    const idOf = (row: number) => contentId?.[row] ?? 0;
    const source = contentSource(this.#take(rows, law), random);
    return Float64Array.from({ length: rows }, (_, row) => {
      const id = idOf(row);
      return id === 0 ? source() : this.#ofTrace(id);
    });
  }

  ofClosedLoop(maxRequests: number, law: Contents | undefined): ContentRange {
    return this.#take(Math.min(maxRequests, MOST_OF_CLOSED_LOOP), law);
  }

  /**
   * Where the numbers of this run begin.
   * @param place 0 to 1, another one for each run: a server's cache outlives it
   * @throws InputError where the requests have too little room
   */
  first(place: number, requests: readonly PreparedRequest[]): number {
    const least = requests.reduce((a, b) => (roomOf(b) < roomOf(a) ? b : a));
    const room = roomOf(least);
    if (room >= LEAST_ROOM * this.#next) return Math.floor(place * (room - this.#next));
    throw InputError.of(
      `the inputs of "${least.model}" have room for ${room} different contents; ${LEAST_ROOM * this.#next} are needed so that its response cache tells ${this.#next} from those of other runs`,
      'play a shorter load, or give its text inputs longer texts with --input or --fill random',
    );
  }

  #take(requests: number, law: Contents | undefined): ContentRange {
    const range = { from: this.#next, count: law?.objects ?? requests, ...(law !== undefined && { law }) };
    this.#next += range.count;
    return range;
  }

  #ofTrace(id: number): number {
    const known = this.#ofTraces.get(id);
    if (known !== undefined) return known;
    this.#ofTraces.set(id, this.#next);
    return this.#next++;
  }
}

function roomOf({ content }: PreparedRequest): number {
  return content?.room ?? 1;
}
