import type { Random } from '../../../base/random.js';
import { CPU_KIND } from '../../../profile/host-cores.js';
import { type CallStep, callsAtOnce } from '../../../scenario/composition.js';
import { Outcome, type OutcomeCode } from '../../../trace/request-log.js';
import type { Calls } from '../calls/calls.js';
import type { World } from '../world.js';
import { type Execution, rowAt } from './execution.js';
import { CallThreads, type Coroutines } from './process-threads.js';

/** Whom a program tells how it goes on. */
export interface ProgramListener {
  /** The model computes for so long by itself: on a device of the host, beside all that computes there, or else on its thread. */
  compute(execution: Execution, ns: number, onHost: boolean): void;
  /** Nothing is left to do. */
  done(execution: Execution): void;
}

/** A call that an execution is about to make. */
interface PlannedCall {
  readonly row: number;
  readonly model: number;
  readonly size: number;
  /** For all requests of a batch. */
  readonly isForAll: boolean;
}

/** Room for the calls of a step in the number of a call. */
const MOST_CALLS = 2 ** 20;

/** What an execution does that calls other models. */
interface Program {
  readonly execution: Execution;
  readonly steps: readonly CallStep[];
  next: number;
  /** Calls of the step under way that have not been made. */
  planned: readonly PlannedCall[];
  made: number;
  inFlight: number;
  /** Calls of the step are made at once. */
  atOnce: boolean;
  /** When the time of its own began that is under way. */
  computesFromNs: number;
}

/** Executions of models that call others (Triton: business logic scripting, BLS). */
export class CallPrograms {
  readonly #world: World;
  readonly #calls: Calls;
  readonly #listener: ProgramListener;
  readonly #coroutines: Coroutines;
  readonly #running = new Map<Execution, Program>();
  /** By the number of the served model and the instance. */
  readonly #threads: CallThreads<Program>[][] = [];

  constructor(world: World, calls: Calls, coroutines: Coroutines, listener: ProgramListener) {
    this.#world = world;
    this.#calls = calls;
    this.#coroutines = coroutines;
    this.#listener = listener;
  }

  begin(execution: Execution, steps: readonly CallStep[]): void {
    const program = {
      execution,
      steps,
      next: 0,
      planned: [],
      made: 0,
      inFlight: 0,
      atOnce: false,
      computesFromNs: 0,
    };
    this.#running.set(execution, program);
    this.#advance(program);
  }

  /** Whether an execution has steps to go. */
  runs(execution: Execution): boolean {
    return this.#running.has(execution);
  }

  /** It has computed for as long as it wanted to. */
  computed(execution: Execution): void {
    this.#advance(this.#stop(execution));
  }

  /** Its process dies while it computes. */
  died(execution: Execution): void {
    this.#stop(execution);
    this.#running.delete(execution);
  }

  #stop(execution: Execution): Program {
    const { nowNs, setup } = this.#world;
    const program = this.#running.get(execution)!;
    const cores = coresOfOwnTime(execution);
    this.#world.spin(execution.served.host, -cores);
    // It keeps the device busy as an inference does.
    if (cores > 0) setup.executions.inferEndNs[execution.number]! += nowNs - program.computesFromNs;
    return program;
  }

  #compute(program: Program, ownUs: number): void {
    const { execution } = program;
    const cores = coresOfOwnTime(execution);
    program.computesFromNs = this.#world.nowNs;
    this.#world.spin(execution.served.host, cores);
    this.#listener.compute(execution, Math.round(ownUs * 1000), cores > 0);
  }

  #advance(program: Program): void {
    const { execution, steps } = program;
    while (program.next < steps.length && execution.failure === undefined) {
      const step = steps[program.next++]!;
      if ('ownUs' in step) return this.#compute(program, step.ownUs);
      program.planned = this.#plan(execution, step);
      if (program.planned.length === 0) continue;
      program.made = 0;
      program.atOnce = step.atOnce;
      this.#make(program);
      this.#coroutines.rests(execution);
      return;
    }
    this.#running.delete(execution);
    this.#listener.done(execution);
  }

  /** Makes as many calls as may be under way. */
  #make(program: Program): void {
    const { execution, planned } = program;
    const { blsCallUs = 0 } = execution.served.host.server.options;
    const afterNs = Math.round(blsCallUs * 1000);
    const answered = (outcome: OutcomeCode) => this.#answered(program, outcome);
    const threads = this.#threadsOf(execution);
    while (program.made < planned.length && (program.atOnce || program.inFlight === 0)) {
      if (!threads.take(program)) return;
      const place = program.next * MOST_CALLS + program.made;
      const { row, model, size, isForAll } = planned[program.made++]!;
      program.inFlight++;
      const called = { model, size, place: isForAll ? Number.NaN : place, afterNs, isStep: false };
      this.#calls.call(row, called, { answered });
    }
    threads.forget(program);
  }

  /** An error ends the execution, as an exception that nobody catches: once all calls that are made at once have their answers. */
  #answered(program: Program, outcome: OutcomeCode): number {
    const { execution } = program;
    const threads = this.#threadsOf(execution);
    program.inFlight--;
    threads.giveBack();
    if (outcome !== Outcome.completed) execution.failure ??= outcome;
    if (threads.next !== undefined) this.#make(threads.next);
    const goesOn = program.atOnce || execution.failure === undefined;
    if (goesOn && program.made < program.planned.length) this.#make(program);
    else if (program.inFlight === 0) this.#coroutines.goOn(execution, () => this.#advance(program));
    return 0;
  }

  #threadsOf({ served, instance }: Execution): CallThreads<Program> {
    this.#threads[served.number] ??= [];
    const threads = this.#threads[served.number]!;
    threads[instance] ??= new CallThreads(callsAtOnce(served.host.server.cpuCores));
    return threads[instance];
  }

  /** The calls of a step, of those that are made at all. */
  #plan(execution: Execution, step: Extract<CallStep, { readonly calls: unknown }>): PlannedCall[] {
    const { requests, setup } = this.#world;
    const { executions } = setup;
    const { served, from, to, number } = execution;
    const batch = executions.batch[number]!;
    const rows = Array.from({ length: to - from }, (_, i) => rowAt(served, from + i));
    const { callsRandom } = served;
    return step.calls.flatMap(({ model, per, probability, inferences }) => {
      const callers = per === 'batch' ? rows.slice(0, 1) : rows;
      return callers.flatMap((row) => {
        if (!isMade(probability, callsRandom)) return [];
        const isForAll = per === 'batch';
        return { row, model, size: inferences ?? (isForAll ? batch : requests.size[row]!), isForAll };
      });
    });
  }
}

function isMade(probability: number, random: Random): boolean {
  return probability >= 1 || random.next() < probability;
}

/** Cores that a model keeps busy while it computes by itself on a device of its host; 0 where it runs on none. */
function coresOfOwnTime({ served, instance }: Execution): number {
  const { device, profile } = served.instances[instance]!;
  return served.host.server.devices[device]?.kind === CPU_KIND ? profile.hostCores.infer : 0;
}
