import { remembered } from '../../../base/remembered.js';
import { isSince } from '../../../scenario/release.js';
import { Outcome, type OutcomeCode } from '../../../trace/request-log.js';
import type { Host } from '../host.js';
import type { Served } from '../served.js';
import { Event, type World } from '../world.js';
import { CalledContents } from './called-contents.js';
import {
  EnsemblePlan,
  type EnsembleRun,
  type PlanOptions,
  type StepListener,
  type Waiting,
} from './ensembles.js';
import { HandOvers, type Kept, nobody } from './hand-overs.js';

/** What is called. */
interface Called {
  /** Index among the server's models. */
  readonly model: number;
  readonly size: number;
  /** Among the calls that the same request makes: equal requests make equal calls. NaN: it is for several requests. */
  readonly place: number;
  /** When the call is in the model's queue, from now on. */
  readonly afterNs: number;
  /** Whether it is of an ensemble: it asks for the same priority and timeout. Calls by a model's own code ask for none. */
  readonly isStep: boolean;
}

/** A thread that hands a request of an ensemble on. */
interface Asker extends Kept {
  readonly run: EnsembleRun;
}

/** The ways of requests through an ensemble. */
interface KnownPlans {
  readonly options: Omit<PlanOptions, 'outputs'>;
  readonly byOutputs: Map<readonly string[] | undefined, EnsemblePlan>;
}

/** Who takes calls on. */
export interface CallListener {
  /** A call is there: into the queue of its model with it. */
  admit(row: number): void;
  /** The answer to a client's request leaves the server. */
  answer(row: number, outcome: OutcomeCode): void;
  /** An ensemble has an answer. @returns how long its thread is busy with keeping it in the cache, nanoseconds */
  keep(row: number): number;
  /** A server that is to go has one call less. */
  settle(host: Host): void;
}

/** From this release on an error of a step is told when the last one under way has ended (core, pull request 466). */
const ERRORS_WAIT_SINCE = '26.02';

/** Calls that models make of others: those of ensembles, step by step, and any that a model makes by itself. */
export class Calls {
  readonly #world: World;
  readonly #listener: CallListener;
  /** Who waits for a call, where `RequestFacts` says; nobody in the first place. */
  readonly #waiting: (Waiting | undefined)[] = [undefined];
  readonly #freeWaiting: number[] = [];
  /** How long the thread of the response that was given last is busy with it in the ensemble around, nanoseconds. */
  #toldNs = 0;
  /** Whether the ensemble that was just called by another keeps the thread. */
  #keepsThread = false;
  /** The thread that is calling a step, and those that look for answers to their calls in the cache, by call. */
  #asker: Asker | undefined;
  readonly #asking = new Map<number, Asker>();
  readonly #contents = new CalledContents();
  /** Of each ensemble by its number. Requests for different outputs share limits. */
  readonly #plans: KnownPlans[] = [];

  /** Threads that hand requests on to steps. */
  readonly handOvers: HandOvers;
  readonly #stepListener: StepListener = {
    ended: (run, step, outcome) => {
      const pool = run.plan.pools[step];
      if (pool?.takes(() => this.#stepEnded(run, step, outcome)) === true) return 0;
      return this.#stepEnded(run, step, outcome);
    },
    responded: (run, step) => {
      if (run.failure !== undefined) return 0;
      this.#toldNs = 0;
      const ready = this.#given(run, step);
      const toldNs = this.#toldNs;
      return ready.length > 0 ? Math.max(this.#start(run, ready), toldNs) : toldNs;
    },
  };

  constructor(world: World, listener: CallListener) {
    this.#world = world;
    this.#listener = listener;
    this.handOvers = new HandOvers(world, {
      call: (run, step) => this.#callStep(run, step),
      skip: (run) => this.#skip(run),
    });
  }

  /**
   * A model calls another of its server.
   * @param parent the call that it works on
   * @returns the row of the call
   */
  call(parent: number, { model, size, place, afterNs, isStep }: Called, waiting: Waiting): number {
    const { requests, facts, nowNs } = this.#world;
    const { host } = this.#world.servedOf(parent);
    const served = host.serves[model]!;
    host.requests++;
    const row = requests.add(requests.tenant[parent]!, size, nowNs, nowNs);
    requests.server[row] = host.index;
    requests.calls!.add(parent, served.index);
    facts.add(facts.tenant[parent]!, served.profile.payload.requestBytes * size);
    if (isStep) facts.setPolicy(row, facts.priority[parent]!, facts.timeoutUs[parent]!);
    else facts.setPolicy(row, 0, 0);
    facts.setContent(row, this.#contents.of(facts.contentKey[parent]!, place));
    // Correlation id and flags go with a request through its ensemble.
    facts.setSequence(row, facts.sequenceId[parent]!, facts.sequenceFlags[parent]!);
    this.#world.tokens?.called(row, parent);
    facts.served[row] = served.number;
    const at = this.#freeWaiting.pop() ?? this.#waiting.length;
    this.#waiting[at] = waiting;
    facts.waiting[row] = at;
    if (afterNs > 0) this.#world.at(nowNs + afterNs, Event.called, row);
    else this.#listener.admit(row);
    return row;
  }

  /** A request has come to an ensemble. @returns how long its thread is busy, nanoseconds; Infinity: until `handOvers` says */
  begin(row: number, served: Served): number {
    const { requests, nowNs } = this.#world;
    requests.startedNs[row] = nowNs;
    const run = this.#planOf(row, served).begin(row);
    if (run.plan.steps.length === 0) return this.#answer(run, Outcome.completed);
    const ns = this.#start(run, run.plan.first);
    // Refused by the step that is about to end: whoever called it knows now, as of any call that is refused.
    if (run.failure !== undefined && requests.calls!.parent[row]! >= 0 && this.#tellsErrors(run, 1))
      requests.outcome[row] = run.failure;
    this.#keepsThread = ns === Infinity;
    return ns;
  }

  /**
   * A call has its answer, or none will come.
   * @returns what the thread that brings it does for whoever called, nanoseconds
   */
  ended(row: number, outcome: OutcomeCode): number {
    const { requests } = this.#world;
    const calls = requests.calls!;
    if (calls.parent[row]! < 0) {
      this.#listener.answer(row, outcome);
      return 0;
    }
    calls.leftNs[row] = this.#world.nowNs;
    requests.outcome[row] = outcome;
    const served = this.#world.servedOf(row);
    const { host } = served;
    host.modelCache?.left(served);
    const { waiting } = this.#world.facts;
    const at = waiting[row]!;
    waiting[row] = 0;
    const caller = this.#waiting[at]!;
    this.#waiting[at] = undefined;
    this.#freeWaiting.push(at);
    const ns = caller.answered(outcome);
    host.requests--;
    if (host.leaving.length > 0) this.#listener.settle(host);
    return ns;
  }

  /** The model that was called has refused the call, or given it up. */
  dropped(row: number): void {
    const { outcome } = this.#world.requests;
    this.ended(row, outcome[row]! as OutcomeCode);
  }

  /**
   * A decoupled model has given one of its responses to a call.
   * @returns how long the thread that brings it is busy, nanoseconds; Infinity: until `handOvers` says
   */
  responded(row: number): number {
    return this.#waitingFor(row)?.responded?.() ?? 0;
  }

  /** Whether somebody asks for each response to a call. */
  isHeard(row: number): boolean {
    return this.#waitingFor(row)?.responded !== undefined;
  }

  #waitingFor(row: number): Waiting | undefined {
    return this.#waiting[this.#world.facts.waiting[row]!];
  }

  /** Who asks for fewer outputs may need fewer steps. */
  #planOf(row: number, served: Served): EnsemblePlan {
    const { setup, requests, facts } = this.#world;
    const isOfClient = requests.calls!.parent[row]! < 0;
    const asks = isOfClient ? setup.tenants[facts.tenant[row]!] : this.#waitingFor(row);
    const outputs = asks?.outputs;
    this.#plans[served.number] ??= { options: this.handOvers.optionsOf(served), byOutputs: new Map() };
    const { options, byOutputs } = this.#plans[served.number]!;
    return remembered(byOutputs, outputs, () => {
      return new EnsemblePlan(served.model.ensemble!, { outputs, ...options }, this.#stepListener);
    });
  }

  /** Hands the request on to steps, one after the other on one thread. @returns how long that takes, nanoseconds */
  #start(run: EnsembleRun, steps: readonly number[]): number {
    run.inFlight += steps.length;
    return this.handOvers.begin(run, steps);
  }

  /** @returns Infinity: it is an ensemble, whose own steps keep the thread */
  #callStep(run: EnsembleRun, step: number): number {
    const { requests } = this.#world;
    const { model } = run.plan.steps[step]!;
    this.#keepsThread = false;
    this.#asker = { run, goOn: nobody };
    // A model without a batch dimension takes the tensors of all inferences as one.
    const size = run.plan.batched[step]! ? requests.size[run.row]! : 1;
    const row = this.call(
      run.row,
      { model, size, place: step, afterNs: 0, isStep: true },
      run.waiting[step]!,
    );
    this.#asker = undefined;
    this.#heedRefusal(run, row);
    return this.#keepsThread ? Infinity : 0;
  }

  /** A thread calls no other step after one that is refused (ensemble_scheduler.cc, `ScheduleSteps`). */
  #heedRefusal(run: EnsembleRun, row: number): void {
    if (this.#world.requests.outcome[row] === Outcome.rejected) run.failure ??= Outcome.rejected;
  }

  /** The thread that calls a step looks for its answer in the cache, too (dynamic_batch_scheduler.cc:216-238, r24.10). */
  asks(row: number): void {
    if (this.#asker === undefined) return;
    this.#asking.set(row, this.#asker);
    this.#keep(this.#asker);
    this.#asker = undefined;
  }

  /**
   * It has looked, and put the call into a queue or brought the answer back.
   * @param ns how long it is busy with that, as hand-overs say it
   */
  asked(row: number, ns: number): void {
    const asker = this.#asking.get(row);
    if (asker === undefined) return;
    this.#asking.delete(row);
    const free = () => {
      this.#keepsThread = false;
      this.#heedRefusal(asker.run, row);
      asker.goOn();
    };
    if (ns === 0) return free();
    if (ns === Infinity) this.handOvers.whenFree(free);
    else this.handOvers.freeAfter(ns, free);
    this.#keep(asker);
  }

  #keep(asker: Asker): void {
    this.#keepsThread = true;
    this.handOvers.keep(asker);
  }

  /** A step is not called: another has failed. */
  #skip(run: EnsembleRun): void {
    run.inFlight--;
    if (run.inFlight === 0) this.#fail(run, run.failure!);
  }

  #stepEnded(run: EnsembleRun, step: number, outcome: OutcomeCode): number {
    run.inFlight--;
    if (run.limits !== undefined) this.handOvers.placeIsFree(run.limits[step]!);
    if (outcome !== Outcome.completed) run.failure ??= outcome;
    if (run.failure !== undefined) return this.#fail(run, run.failure);
    this.#toldNs = 0;
    const ready = run.plan.decoupled[step] ? NOTHING : this.#given(run, step);
    const toldNs = this.#toldNs;
    if (ready.length > 0) return Math.max(this.#start(run, ready), toldNs);
    return run.inFlight > 0 ? toldNs : Math.max(this.#answer(run, Outcome.completed), toldNs);
  }

  /** A step has given what it gives, once or again. @returns the steps that are ready for it */
  #given(run: EnsembleRun, step: number): readonly number[] {
    const ready = run.ready(step);
    if (!run.isResponse) return ready;
    run.isResponse = false;
    run.lastNs = this.#world.nowNs;
    if (run.responses++ === 0) run.firstNs = run.lastNs;
    this.#toldNs = this.responded(run.row);
    return ready;
  }

  /** The first error is the answer; of steps that end after it nobody hears. */
  #fail(run: EnsembleRun, outcome: OutcomeCode): number {
    const isTold = !run.isAnswered && this.#tellsErrors(run, 0);
    const ns = isTold ? this.#answer(run, outcome) : 0;
    if (!isTold && run.inFlight === 0) run.plan.end(run);
    return ns;
  }

  /** Whether an error is told while so many steps are under way. */
  #tellsErrors({ row, inFlight }: EnsembleRun, most: number): boolean {
    const { tritonVersion } = this.#world.servedOf(row).host.server.options;
    return inFlight <= most || !isSince(tritonVersion, ERRORS_WAIT_SINCE);
  }

  #answer(run: EnsembleRun, outcome: OutcomeCode): number {
    const { row } = run;
    run.isAnswered = true;
    if (run.plan.isDecoupled) this.#tellResponses(run);
    if (run.inFlight === 0) run.plan.end(run);
    const keepNs = outcome === Outcome.completed ? this.#listener.keep(row) : 0;
    if (keepNs === 0) return this.ended(row, outcome);
    this.#world.at(this.#world.nowNs + keepNs, Event.answerLeaves, row);
    return keepNs;
  }

  #tellResponses({ row, responses, firstNs, lastNs }: EnsembleRun): void {
    const { responseDelayUs } = this.#world.servedOf(row).networkDelay;
    const several = this.#world.requests.responses!;
    const delayNs = responseDelayUs * 1000;
    const endsLater = responses === 0 || lastNs < this.#world.nowNs;
    several.set(row, {
      count: responses,
      firstNs: firstNs + delayNs,
      ...(endsLater && { lastNs: lastNs + delayNs }),
    });
  }
}

const NOTHING: readonly number[] = [];
