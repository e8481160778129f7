import type { Path } from '../../base/path.js';
import type { RandomStreams } from '../../base/random.js';
import { drawnTrace, isIdle } from '../../trace/synthesis/drawn-trace.js';
import type { ArrivalProcess } from '../../trace/synthesis/process.js';
import type { Trace } from '../../trace/trace.js';
import { rowsBefore } from '../../trace/transform.js';
import { clientThreads } from '../closed-loop/client-kinds.js';
import type { Loaded } from '../resources.js';
import type { Load } from '../scenario.js';
import type { LoadSpec, TenantSpec } from '../spec/tenant-spec.js';
import type { Findings } from './findings.js';
import { expectedSteps, LoadSize } from './load-size.js';
import { asSequences, requestsWithin, withSequenceFlags } from './sequences.js';
import { takeFromTrace } from './trace-load.js';
import { withTenantSizes } from './trace-sizes.js';

/** What loads are built with. */
export interface LoadSurroundings {
  readonly traces: ReadonlyMap<string, Loaded<Trace>>;
  /** Whether a part of a trace may hold no request. Default: false. */
  readonly mayBeIdle?: boolean;
  readonly streams: RandomStreams;
  /** What arrivals may take of memory. Default: as much as they need. */
  readonly memoryBytes?: number | undefined;
  /** Length of the run, where the scenario states it. */
  readonly durationUs: number | undefined;
}

/** Builds the load of one tenant after the other. */
export class LoadBuilder {
  readonly #surroundings: LoadSurroundings;
  readonly #findings: Findings;
  readonly #size: LoadSize;
  #longestUs = 0;

  constructor(surroundings: LoadSurroundings, findings: Findings) {
    this.#surroundings = surroundings;
    this.#findings = findings;
    this.#size = new LoadSize(surroundings.memoryBytes);
  }

  /** Length of the run, where the scenario states it. */
  get durationUs(): number | undefined {
    return this.#surroundings.durationUs;
  }

  /** When the last load built so far ends. */
  get longestUs(): number {
    return this.#longestUs;
  }

  /** The load, or undefined when there was a problem with it. */
  build(tenant: TenantSpec, path: Path): Load | undefined {
    const { load } = tenant;
    if (load.closedLoop !== undefined) return this.#closedLoop(tenant, path);
    const trace = this.#arrivals(tenant, [...path, 'load']);
    if (trace === undefined) return undefined;
    this.#longestUs = Math.max(this.#longestUs, endOf(trace));
    if (load.maxInFlight === undefined) return { mode: 'open', trace };
    const { maxInFlight, latencyFrom = 'planned', pacing = 'schedule' } = load;
    return { mode: 'capped', trace, maxInFlight, latencyFrom, pacing };
  }

  #closedLoop({ load, batchSize }: TenantSpec, path: Path): Load | undefined {
    const { concurrency, thinkMs, thinkLaw, maxRequests = Infinity, client } = load.closedLoop!;
    if (typeof batchSize !== 'number') {
      const what = 'sizes that vary are drawn for traces and processes, not in a closed loop';
      this.#findings.problem([...path, 'batchSize'], what, 'write one number');
      return undefined;
    }
    const thinkTime = { law: thinkLaw, meanUs: thinkMs * 1000 };
    const threads = clientThreads(client);
    return {
      ...{ mode: 'closed', concurrency, thinkTime, maxRequests },
      ...(threads !== undefined && { client: threads }),
    };
  }

  #arrivals(tenant: TenantSpec, path: Path): Trace | undefined {
    const { load } = tenant;
    const startUs = Math.round((load.startS ?? 0) * 1e6);
    const endUs = this.#endUs(load, startUs);
    if (endUs !== undefined && startUs >= endUs) {
      this.#findings.problem([...path, 'startS'], 'the load begins after the run ends', 'write less');
      return undefined;
    }
    const room = endUs === undefined ? undefined : endUs - startUs;
    const arrivals =
      load.trace === undefined
        ? this.#generate(tenant, load.process!, room, [...path, 'process'])
        : this.#replay(tenant, room, [...path, 'trace']);
    if (arrivals === undefined) return undefined;
    const inSequences = this.#inSequences(arrivals, tenant, room, path);
    if (inSequences === undefined) return undefined;
    return shift(withTenantSizes(inSequences, tenant, this.#surroundings.streams), startUs);
  }

  #inSequences(
    trace: Trace,
    { name, sequences }: TenantSpec,
    room: number | undefined,
    path: Path,
  ): Trace | undefined {
    if (sequences === undefined) return withSequenceFlags(trace);
    const roomUs = room ?? Infinity;
    const further = trace.arrivalUs.length * (requestsWithin(sequences, roomUs) - 1);
    if (!this.#mayTake(further, [...path, 'sequences'])) return undefined;
    return asSequences(trace, sequences, this.#surroundings.streams.get(`sequences ${name}`), roomUs);
  }

  /** When the load ends, as far as the scenario says. */
  #endUs({ durationS }: LoadSpec, startUs: number): number | undefined {
    const { durationUs } = this.#surroundings;
    if (durationS === undefined) return durationUs;
    return Math.min(startUs + Math.round(durationS * 1e6), durationUs ?? Infinity);
  }

  #generate(tenant: TenantSpec, process: ArrivalProcess, roomUs: number | undefined, path: Path) {
    // Where there are problems already, the arrivals would only be thrown away.
    if (roomUs === undefined || this.#findings.list.problems.length > 0) return undefined;
    const durationS = roomUs / 1e6;
    if (!this.#mayTake(expectedSteps(process, durationS), path)) return undefined;
    const { seed } = this.#surroundings.streams;
    const trace = this.#findings.attempt(path, () =>
      drawnTrace({ tenant: tenant.name, process, durationS, seed, isKept: true }),
    );
    if (trace !== undefined && isIdle(trace)) {
      this.#findings.warn(
        'short-run',
        tenant.name,
        `no request of it falls into the ${durationS} s of its load`,
      );
    }
    return trace;
  }

  #replay(tenant: TenantSpec, roomUs: number | undefined, path: Path): Trace | undefined {
    const spec = tenant.load.trace!;
    const whole = this.#findings.take(this.#surroundings.traces.get(spec.file), [...path, 'file']);
    if (whole === undefined) return undefined;
    const random = this.#surroundings.streams.get(`trace scaling/${tenant.name}`);
    const trace = this.#findings.attempt(path, () =>
      takeFromTrace(whole, tenant.name, spec, {
        random,
        mayTake: (requests) => this.#mayTake(requests, path),
        addProblem: (key, what, remedy) => this.#findings.problem([...path, key], what, remedy),
      }),
    );
    return trace && this.#cut(trace, roomUs, tenant.name, path);
  }

  /** Leaves out what comes at or after the end of the run, and says when something is missing on either side. */
  #cut(trace: Trace, roomUs: number | undefined, tenant: string, path: Path): Trace | undefined {
    const kept = roomUs === undefined ? trace : rowsBefore(trace, roomUs);
    const [before, after] = [trace.arrivalUs.length, kept.arrivalUs.length];
    if (after === 0 && this.#surroundings.mayBeIdle !== true) {
      const what =
        before === 0
          ? 'there is no request in this part of the trace'
          : `its first request comes at ${trace.arrivalUs[0]! / 1e6} s, when the run is over`;
      this.#findings.problem(path, what, 'take another part: fromS and toS, in seconds of the trace');
      return undefined;
    }
    if (after < before) {
      const message = `its trace is cut off after ${roomUs! / 1e6} s: ${after} of ${before} requests are used`;
      this.#findings.warn('trace-changed', tenant, message);
    } else if (roomUs !== undefined && endsEarly(trace, roomUs)) {
      const message = `its trace ends after ${trace.durationUs / 1e6} s, the run goes on to ${roomUs / 1e6} s`;
      this.#findings.warn('trace-changed', tenant, message);
    }
    return kept;
  }

  /** Counts the requests that closed-loop clients are expected to send; more than fit are a problem of the loop at `path`. */
  countOfClosedLoop(requests: number, path: Path): void {
    const problem = this.#size.tooManyOfClosedLoop(requests);
    if (problem !== undefined) this.#findings.problem(path, problem.what, problem.remedy);
  }

  /** Counts what a load takes, and whether that still fits. */
  #mayTake(steps: number, path: Path): boolean {
    const problem = this.#size.tooManyToDraw(steps);
    if (problem !== undefined) this.#findings.problem(path, problem.what, problem.remedy);
    return problem === undefined;
  }
}

/**
 * When a run over this trace ends: what is planned for the end of a run is no longer in it, but a trace
 * may end with its last request.
 */
export function endOf(trace: Trace): number {
  // What is drawn lies before its end.
  if (trace.drawn !== undefined) return trace.durationUs;
  return Math.max(trace.durationUs, (trace.arrivalUs.at(-1) ?? 0) + 1);
}

/** The log of a day has its last request a little before midnight: a pause as between its requests is no missing end. */
function endsEarly(trace: Trace, roomUs: number): boolean {
  const leftUs = roomUs - endOf(trace);
  return leftUs > 0 && leftUs > longestPauseUs(trace);
}

function longestPauseUs({ arrivalUs }: Trace): number {
  let longest = 0;
  for (let i = 1; i < arrivalUs.length; i++) longest = Math.max(longest, arrivalUs[i]! - arrivalUs[i - 1]!);
  return longest;
}

/** Most inferences in one request of the load itself; 1 where it does not say. */
export function largestBatchOf(load: Load): number {
  if (load.mode === 'closed') return 1;
  return load.trace.batchSize?.reduce((largest, size) => Math.max(largest, size), 1) ?? 1;
}

function shift(trace: Trace, byUs: number): Trace {
  if (byUs === 0) return trace;
  return { ...trace, arrivalUs: trace.arrivalUs.map((us) => us + byUs), durationUs: trace.durationUs + byUs };
}
