import type { ResponseLaw } from '../../scenario/scenario.js';
import { type DropOutcome, Outcome, type OutcomeCode } from '../../trace/request-log.js';
import type { Calls } from './calls/calls.js';
import { type EarlyResponse, earlyResponses } from './executions/early-responses.js';
import { type Execution, rowAt } from './executions/execution.js';
import { drawCount, type Iterations } from './executions/iterations.js';
import type { Host } from './host.js';
import { Event, type World } from './world.js';

/** Answers on their way back to the clients. */
export class Outbound {
  readonly #world: World;
  readonly #settle: (host: Host) => void;
  readonly #calls: () => Calls;
  /** Answers in a link: when they left the instance, and what they say. */
  readonly #underWay = new Map<number, { readonly leftNs: number; readonly outcome: OutcomeCode }>();
  readonly #heard = new Map<number, Heard>();
  /** Requests that have ended, or how many of their responses their callers have, before their execution has. */
  readonly #sent = new Map<number, { readonly hasEnded: boolean; readonly heard: number }>();

  /**
   * @param settle hears of every server that has one request less, and is to go
   * @param calls whom answers to calls of other models go to
   */
  constructor(world: World, settle: (host: Host) => void, calls: () => Calls) {
    this.#world = world;
    this.#settle = settle;
    this.#calls = calls;
  }

  started(execution: Execution): void {
    execution.served.gate?.push(execution);
  }

  /** What leaves before its inference is over. */
  earlyResponses(execution: Execution): EarlyResponse[] {
    const { requests } = this.#world;
    const { model, callsRandom, gate } = execution.served;
    const { responses: law, calls } = model;
    // Of a model that calls others nobody knows when it does.
    const isEarly = law !== undefined && law.firstUs < 0 && calls === undefined && gate === undefined;
    const isAlone = execution.to - execution.from === 1;
    if (!isEarly || (isAlone && requests.calls === undefined)) return NONE;
    return earlyResponses(execution, law, (row) => {
      const isHeard = requests.calls !== undefined && this.#calls().isHeard(row);
      const heard = isHeard ? drawCount(law, callsRandom) : undefined;
      if (heard !== undefined) requests.responses!.set(row, { count: heard, firstNs: Number.NaN });
      return { size: requests.size[row]!, heard };
    });
  }

  /** One of these leaves. */
  sentEarly(execution: Execution, { position, isEnd }: EarlyResponse): void {
    const row = rowAt(execution.served, position);
    if (isEnd) this.#respond(row, execution.served.model.responses!, execution);
    else this.#calls().responded(row);
    this.#sent.set(row, { hasEnded: isEnd, heard: (this.#sent.get(row)?.heard ?? 0) + 1 });
  }

  /**
   * The response to the request at `position` has been built on the instance.
   * @returns what its thread then does for models that called this one, nanoseconds
   */
  built(execution: Execution, position: number): number {
    const { gate } = execution.served;
    if (gate === undefined) return this.#complete(execution, position);
    return gate[0] === execution ? this.#passGate(gate, position) : 0;
  }

  /** The answer to a request leaves that no instance has built: it was in the cache, or is an ensemble's. */
  answerLeaves(row: number): void {
    if (this.#isForsaken(row)) return;
    if (this.#world.requests.calls === undefined) return this.answer(row, Outcome.completed);
    const ns = this.#calls().ended(row, Outcome.completed);
    this.#calls().asked(row, ns);
  }

  /** The same, at that time: at once where nothing depends on when it is known. */
  answerLeavesAt(row: number, atNs: number): void {
    const { facts, nowNs, requests, setup } = this.#world;
    const isUnseen =
      requests.calls === undefined &&
      !this.#world.heedsAnswers[facts.tenant[row]!]! &&
      this.#world.servedOf(row).answersUnseen;
    if (!isUnseen) {
      if (atNs > nowNs) this.#world.at(atNs, Event.answerLeaves, row);
      else this.answerLeaves(row);
    } else if (atNs < setup.durationNs) this.#travel(row, atNs, atNs, Outcome.completed);
  }

  /** The model refuses a request, or gives it up: the client hears of it as of any answer. */
  drop(row: number, outcome: DropOutcome): void {
    const { calls } = this.#world.requests;
    if (calls === undefined || calls.parent[row]! < 0) return this.answer(row, outcome);
    // Whoever called it may call again: not while the model decides.
    this.#world.requests.outcome[row] = outcome;
    this.#world.at(this.#world.nowNs, Event.callDropped, row);
  }

  /** The last byte of a response has left the server's side. */
  linkDone(host: Host): void {
    const { of: link, actor } = host.responseLink!;
    const row = link.finish();
    this.#world.actors.update(actor, link.nextNs);
    const { leftNs, outcome } = this.#underWay.get(row)!;
    this.#underWay.delete(row);
    this.#travel(row, this.#world.nowNs, leftNs, outcome);
  }

  /**
   * Responses leave in the order in which executions started. The first in the gate sends its
   * responses from position `from` on as far as they are built; once all have left, the next one
   * sends what it has held back.
   */
  #passGate(gate: Execution[], from: number): number {
    let busyNs = 0;
    for (let first = gate[0], next = from; first !== undefined; first = gate[0], next = first?.from ?? 0) {
      for (let position = next; position < first.nextResponse; position++)
        busyNs += this.#complete(first, position);
      if (first.nextResponse < first.to) break;
      gate.shift();
    }
    return busyNs;
  }

  #complete(execution: Execution, position: number): number {
    const { requests } = this.#world;
    const row = rowAt(execution.served, position);
    if (this.#sent.size > 0 && this.#sent.get(row)?.hasEnded === true) {
      this.#sent.delete(row);
      return 0;
    }
    const responseNs = this.#world.nowNs - execution.computeEndNs;
    const { iterations } = execution.served;
    if (responseNs !== 0 || iterations !== undefined) requests.responseUs[row] = responseNs / 1000;
    const outcome = execution.failure ?? Outcome.completed;
    const { responses } = execution.served.model;
    if (iterations !== undefined && this.#goesOn(row, iterations, execution)) return 0;
    if (responses !== undefined && outcome === Outcome.completed)
      return this.#respond(row, responses, execution);
    if (requests.calls === undefined) {
      this.answer(row, outcome);
      return 0;
    }
    if (execution.served.engine === undefined) return this.#calls().ended(row, outcome);
    // The last token of an answer is a response, as those before it were. Threads of the engine's own bring it: its step goes on.
    if (outcome === Outcome.completed) this.#calls().responded(row);
    this.#calls().ended(row, outcome);
    return 0;
  }

  /** A request has been executed once more. @returns whether it will be again */
  #goesOn(row: number, iterations: Iterations, { served, failure }: Execution): boolean {
    const goesOn = failure === undefined && iterations.goesOn(row);
    if (goesOn) iterations.executed(row);
    else iterations.end(row);
    if (!iterations.streams || failure !== undefined) return goesOn;
    const { requests, nowNs } = this.#world;
    const before = requests.responses!.get(row);
    const firstNs = before?.firstNs ?? nowNs + served.networkDelay.responseDelayUs * 1000;
    requests.responses!.set(row, { count: (before?.count ?? 0) + 1, firstNs });
    if (requests.calls !== undefined) this.#calls().responded(row);
    return goesOn;
  }

  /**
   * A decoupled model gives its responses one after the other; the request ends with the last one or an empty message after it, and
   * not before its execution. Who calls the model hears then of those that left before.
   */
  #respond(row: number, law: ResponseLaw, { served }: Execution): number {
    const { nowNs, requests } = this.#world;
    const { responseDelayUs } = served.networkDelay;
    const count = requests.responses!.get(row)?.count ?? drawCount(law, served.callsRandom);
    const { heard = 0 } = this.#sent.get(row) ?? {};
    this.#sent.delete(row);
    const startedNs = requests.startedNs[row]!;
    const firstNs = Math.max(startedNs, nowNs + Math.round(law.firstUs * 1000));
    const gapNs = Math.round(law.gapUs * 1000);
    const lastNs = firstNs + Math.max(0, count - 1) * gapNs;
    const delayNs = responseDelayUs * 1000;
    requests.responses!.set(row, {
      count,
      firstNs: count === 0 ? Number.NaN : firstNs + delayNs,
      ...(law.endUs !== undefined && { lastNs: count === 0 ? Number.NaN : lastNs + delayNs }),
    });
    const endNs = law.endUs === undefined ? undefined : Math.round(law.endUs * 1000);
    if (heard < count && requests.calls !== undefined && this.#calls().isHeard(row)) {
      this.#heard.set(row, { left: count - heard, gapNs, endNs });
      this.#world.at(Math.max(nowNs, firstNs + heard * gapNs), Event.responded, row);
    } else this.#world.at(Math.max(nowNs, lastNs + (endNs ?? 0)), Event.answerLeaves, row);
    return 0;
  }

  /** A response of a decoupled step leaves. The next one does not before it is handed on (python_backend r24.10, `ResponseSender::Send`). */
  responded(row: number): void {
    if (this.#isForsaken(row)) return;
    const heard = this.#heard.get(row)!;
    // Without an empty message after it the last one is also the end.
    if (--heard.left === 0 && heard.endNs === undefined) {
      this.#heard.delete(row);
      this.#calls().responded(row);
      return this.answerLeaves(row);
    }
    if (this.#calls().responded(row) !== Infinity) this.#goesOnAfter(row, heard);
    else this.#calls().handOvers.whenFree(() => this.#goesOnAfter(row, heard));
  }

  /** Whether the process that had responses to give has died: nobody gives them, nor ends the request. */
  #isForsaken(row: number): boolean {
    const { dead, firstInstance, model } = this.#world.servedOf(row);
    if (dead.size === 0 || model.responses === undefined) return false;
    const { requests, setup } = this.#world;
    const number = requests.execution[row]!;
    return number >= 0 && dead.has(setup.executions.instance[number]! - firstInstance);
  }

  #goesOnAfter(row: number, { left, gapNs, endNs = 0 }: Heard): void {
    if (left === 0) this.#heard.delete(row);
    const [afterNs, event] = left > 0 ? [gapNs, Event.responded] : [endNs, Event.answerLeaves];
    this.#world.at(this.#world.nowNs + afterNs, event, row);
  }

  /** The answer to a client's request is there: it leaves the server, or waits for others of its stream. */
  answer(row: number, outcome: OutcomeCode): void {
    const { nowNs, facts, requests, streams } = this.#world;
    const served = this.#world.servedOf(row);
    served.host.modelCache?.left(served);
    if (requests.calls !== undefined) requests.calls.leftNs[row] = nowNs;
    if (!streams.has(facts.tenant[row]!)) return this.#leave(row, outcome, nowNs);
    for (const ready of streams.answered({ row, outcome, readyNs: nowNs }))
      this.#leave(ready.row, ready.outcome, ready.readyNs);
  }

  #leave(row: number, outcome: OutcomeCode, readyNs: number): void {
    const { nowNs, actors } = this.#world;
    const served = this.#world.servedOf(row);
    const { host } = served;
    this.#world.handle(served, served.handlingNs);
    if (host.responseLink === undefined) return this.#travel(row, nowNs, readyNs, outcome);
    this.#underWay.set(row, { leftNs: readyNs, outcome });
    // Word of a refusal holds no outputs.
    const isResult = outcome === Outcome.completed;
    const bytes = isResult ? this.#world.tenantOf(row).responseBytes * this.#world.requests.size[row]! : 0;
    host.responseLink.of.start(row, Math.max(1, bytes), 1, nowNs);
    actors.update(host.responseLink.actor, host.responseLink.of.nextNs);
  }

  /** @param fromNs when it leaves the server's side */
  #travel(row: number, fromNs: number, leftNs: number, outcome: OutcomeCode): void {
    const { facts, heedsAnswers, requests, setup } = this.#world;
    const { networkDelay, host } = this.#world.servedOf(row);
    const { durationNs } = setup;
    const waitNs = this.#world.clientWaitNs(row);
    const receivedNs = fromNs + networkDelay.responseDelayUs * 1000 + waitNs;
    const onWayUs = (fromNs - leftNs + waitNs) / 1000 + networkDelay.responseDelayUs;
    if (onWayUs !== 0) requests.networkUs[row]! += onWayUs;
    if (receivedNs <= durationNs) {
      requests.endedNs[row] = receivedNs;
      requests.outcome[row] = outcome;
    }
    if (heedsAnswers[facts.tenant[row]!]!) this.#world.at(receivedNs, Event.answered, row);
    host.requests--;
    if (host.leaving.length > 0) this.#settle(host);
  }
}

/** What is still to come of a request for whose responses somebody waits. */
interface Heard {
  left: number;
  readonly gapNs: number;
  /** From the last one to an empty message that ends the request; undefined: there is none. */
  readonly endNs: number | undefined;
}

const NONE: EarlyResponse[] = [];
