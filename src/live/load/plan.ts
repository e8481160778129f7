import { given } from '../../base/given.js';
import { InputError } from '../../base/problem.js';
import { RandomStreams } from '../../base/random.js';
import type { ClientThreads, Load, Routing, ThinkTime } from '../../scenario/scenario.js';
import type { Trace } from '../../trace/trace.js';
import type { PreparedRequest } from '../inference-client.js';
import type { LoadOptions, LoadTenant } from './load-options.js';
import { ContentNumbers, type ContentRange, type PlannedMarks, sequenceOnServer } from './marks.js';

/**
 * Everything one tenant will do, drawn up before the run: plain data, so that it can be handed to a
 * worker thread. Nothing is encoded or looked up while the load runs.
 */
export interface TenantPlan {
  readonly name: string;
  /** Name of its random stream (think times). */
  readonly stream: string;
  readonly load: PlannedLoad;
  /** The different requests it sends. A closed loop sends the first only. */
  readonly variants: readonly PreparedRequest[];
  /** Indices of servers. */
  readonly targets: readonly number[];
  readonly routing: Routing;
  /** Of one gRPC stream each, to each server; absent: each request has one of its own. */
  readonly sharedStreams?: number;
  /** Contents of this run are numbered from here. */
  readonly firstContent: number;
}

export type PlannedLoad =
  | {
      readonly mode: 'trace';
      /** Planned times, ascending, all before the end of the run. */
      readonly arrivalUs: Float64Array;
      /** Which of the tenant's variants each request is. */
      readonly variant: Uint32Array;
      /** Absent where requests of one variant are equal. */
      readonly marks?: PlannedMarks;
      /** Infinity in an open loop. */
      readonly maxInFlight: number;
      readonly pacing: 'schedule' | 'gap';
    }
  | {
      readonly mode: 'closed';
      readonly concurrency: number;
      readonly thinkTime: ThinkTime;
      readonly maxRequests: number;
      readonly client?: ClientThreads;
      /** Absent where its requests are equal. */
      readonly contents?: ContentRange;
    };

/** Encoded requests of one tenant beyond this would fill the memory before the run begins. */
const MOST_ENCODED_BYTES = 2 ** 31;

type PlanOptions = Pick<LoadOptions, 'tenants' | 'servers' | 'request' | 'durationUs' | 'seed' | 'contents'>;

/**
 * Draws up the plan of every tenant and encodes each different request once. How many bytes a trace says a
 * request has is left aside: a model takes the inputs it takes.
 */
export function planTenants(options: PlanOptions): TenantPlan[] {
  const { tenants, seed, contents } = options;
  const streams = new RandomStreams(seed);
  const numbers = new ContentNumbers();
  const plans = tenants.map((tenant, index) => {
    const targets = (tenant.targets ?? [{ server: 0 }]).map(({ server }) => server);
    const variants = new Variants(tenant, targets, options);
    const planned = planLoad(tenant, variants, options.durationUs);
    const marked = withSequences(planned, tenant, (id) => sequenceOnServer(id, index, tenants.length));
    const isMarked = contents?.isMarked(tenant) === true;
    const load = isMarked ? withContents(marked, tenant, numbers, streams) : marked;
    return {
      name: tenant.name,
      isMarked,
      // The simulator's name for it: the same seed gives the same think times in both.
      stream: `client ${tenant.name}`,
      load,
      variants: variants.prepared,
      targets,
      routing: tenant.routing ?? 'roundRobin',
      ...given({ sharedStreams: tenant.sharedStreams }),
    };
  });
  const marked = plans.filter(({ isMarked }) => isMarked).flatMap(({ variants }) => variants);
  const firstContent = contents && marked.length > 0 ? numbers.first(contents.place, marked) : 0;
  return plans.map(({ isMarked: _, ...plan }) => ({ ...plan, firstContent }));
}

function planLoad({ load }: LoadTenant, variants: Variants, durationUs: number): PlannedLoad {
  if (load.mode === 'closed') {
    variants.find(undefined, 0);
    return load;
  }
  const arrivalUs = load.trace.arrivalUs.filter((us) => us < durationUs);
  const variant = Uint32Array.from(arrivalUs, (_, row) => variants.find(load.trace, row));
  return { mode: 'trace', arrivalUs, variant, ...cap(load) };
}

function withSequences(
  planned: PlannedLoad,
  { load }: LoadTenant,
  onServer: (id: number) => number,
): PlannedLoad {
  if (planned.mode === 'closed' || load.mode === 'closed') return planned;
  const { sequenceId, sequenceFlags = [] } = load.trace;
  if (sequenceId === undefined) return planned;
  const rows = planned.arrivalUs.length;
  return { ...planned, marks: { sequenceId: sequenceId.slice(0, rows).map(onServer), sequenceFlags } };
}

/** Contents are drawn as the simulator draws them. */
function withContents(
  planned: PlannedLoad,
  { name, load, contents: law }: LoadTenant,
  numbers: ContentNumbers,
  streams: RandomStreams,
): PlannedLoad {
  if (load.mode === 'closed') return { ...load, contents: numbers.ofClosedLoop(load.maxRequests, law) };
  if (planned.mode === 'closed') return planned;
  const rows = planned.arrivalUs.length;
  const content = numbers.ofTrace(load.trace, rows, law, streams.get(contentStream(name)));
  return { ...planned, marks: { ...planned.marks, content } };
}

/** The simulator's name for it. */
export function contentStream(tenant: string): string {
  return `contents ${tenant}`;
}

function cap(load: Exclude<Load, { mode: 'closed' }>): {
  maxInFlight: number;
  pacing: 'schedule' | 'gap';
} {
  return load.mode === 'open'
    ? { maxInFlight: Infinity, pacing: 'schedule' }
    : { maxInFlight: load.maxInFlight, pacing: load.pacing ?? 'schedule' };
}

/** The different requests of a tenant: by batch size, priority and queue timeout. */
class Variants {
  readonly prepared: PreparedRequest[] = [];
  readonly #index = new Map<string, number>();
  #encodedBytes = 0;
  readonly #tenant: LoadTenant;
  readonly #prepare: (batchSize: number, priority: number, timeoutUs: number) => PreparedRequest;

  constructor(tenant: LoadTenant, targets: readonly number[], { servers, request }: PlanOptions) {
    const server = servers[targets[0] ?? 0];
    if (server === undefined || targets.some((target) => servers[target] === undefined)) {
      throw InputError.of(
        `tenant "${tenant.name}" has a target among ${servers.length} servers that does not exist`,
      );
    }
    this.#tenant = tenant;
    this.#prepare = (batchSize, priority, timeoutUs) =>
      server.client.prepare({ ...request(tenant, batchSize), priority, timeoutUs });
  }

  /** Index of the request that row of the trace sends; the tenant's own where the trace does not say. */
  find(trace: Trace | undefined, row: number): number {
    const batchSize = trace?.batchSize?.[row] || this.#tenant.batchSize;
    const priority = trace?.priority?.[row] || this.#tenant.priority;
    const timeoutUs = trace?.timeoutUs?.[row] || this.#tenant.timeoutUs;
    const key = `${batchSize} ${priority} ${timeoutUs}`;
    const known = this.#index.get(key);
    if (known !== undefined) return known;
    this.#index.set(key, this.prepared.length);
    return this.#add(this.#prepare(batchSize, priority, timeoutUs));
  }

  #add(request: PreparedRequest): number {
    this.#encodedBytes += request.bytes.length;
    if (this.#encodedBytes > MOST_ENCODED_BYTES) {
      throw InputError.of(
        `tenant "${this.#tenant.name}" has more than ${this.prepared.length} different requests (batch size, priority, timeout), over 2 GB when encoded`,
        'round timeouts or batch sizes in its trace',
      );
    }
    return this.prepared.push(request) - 1;
  }
}
