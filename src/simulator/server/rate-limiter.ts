import { type Amounts, capacityOf } from '../../scenario/rate-limits.js';
import type { InstanceLimits, RateLimitOptions } from '../../scenario/scenario.js';
import { Level } from '../containers/level.js';
import { StdPriorityQueue } from '../containers/std-priority-queue.js';
import { TimerRing } from '../containers/timer-ring.js';

/** Starting an instance and warming it up are executions, too (`backend_model_instance.cc:734-751`). */
const EXECUTIONS_AT_START = 2;

const NO_LIMITS: InstanceLimits = { demand: new Map(), priority: 1 };

/** One instance of a model: available, staged with a payload, or allocated the resources for it. */
interface LimitedInstance {
  readonly number: number;
  readonly model: LimitedModel;
  readonly limits: InstanceLimits;
  executions: number;
  /** What it executes, or waits to execute. */
  payload: number;
}

/** A smaller one goes first; it does not change while the instance is staged. */
function keyOf({ executions, limits }: LimitedInstance): number {
  return executions * limits.priority;
}

/** Of equal ones that of Triton's own queue goes first, which is not simply who came first. */
const inOrder = () => new StdPriorityQueue<LimitedInstance>((a, b) => keyOf(a) > keyOf(b));

/**
 * Triton's rate limiter (`rate_limiter.cc`): which payload executes when, and on which instance. A payload is staged with an
 * available instance of its model. Of all that are staged only the first by executions and priority is looked at: it goes as
 * soon as its resources are there, and those behind it wait.
 */
export class RateLimiter {
  readonly #options: RateLimitOptions;
  readonly #models = new Set<LimitedModel>();
  readonly #staged = inOrder();
  readonly #used = new Map<string, number>();
  #capacity: Amounts = new Map();

  constructor(options: RateLimitOptions) {
    this.#options = options;
  }

  /**
   * A model is loaded.
   * @param onGrant is called when resources are there for one of its payloads
   */
  add(instances: readonly (InstanceLimits | undefined)[], onGrant: () => void): LimitedModel {
    const model = new LimitedModel(this, instances, onGrant);
    this.#models.add(model);
    this.#setCapacity();
    return model;
  }

  stage(instance: LimitedInstance, nowNs: number): void {
    this.#staged.push(instance);
    instance.model.staged(1, nowNs);
    this.attempt(nowNs);
  }

  /** The first that is staged goes if its resources are there; no other is looked at. */
  attempt(nowNs: number): void {
    const first = this.#staged.top;
    if (first === undefined || !this.#fits(first.limits.demand)) return;
    this.#staged.pop();
    this.#hold(first.limits.demand, 1);
    first.model.staged(-1, nowNs);
    first.model.granted.set(first.number, first.payload);
    first.model.onGrant();
  }

  free({ limits }: LimitedInstance): void {
    this.#hold(limits.demand, -1);
  }

  #fits(demand: Amounts): boolean {
    for (const [pool, count] of demand)
      if ((this.#used.get(pool) ?? 0) + count > (this.#capacity.get(pool) ?? 0)) return false;
    return true;
  }

  #hold(demand: Amounts, times: number): void {
    for (const [pool, count] of demand) this.#used.set(pool, (this.#used.get(pool) ?? 0) + times * count);
  }

  #setCapacity(): void {
    const demands = [...this.#models].flatMap(({ instances }) =>
      instances.map(({ limits }) => limits.demand),
    );
    this.#capacity = capacityOf(demands, this.#options.resources);
  }
}

/** The payloads and instances of one model at the rate limiter of its server. */
export class LimitedModel {
  /** Payloads that may execute and have not begun, by their instance. */
  readonly granted = new Map<number, number>();
  readonly instances: readonly LimitedInstance[];
  readonly onGrant: () => void;
  readonly #limiter: RateLimiter;
  /** Those that do nothing. */
  #available = inOrder();
  /** Payloads that no instance is staged for, and those of a certain instance. */
  readonly #requests = new TimerRing();
  readonly #ownRequests: readonly TimerRing[];
  #staged = 0;
  readonly #waiting = new Level();

  constructor(limiter: RateLimiter, instances: readonly (InstanceLimits | undefined)[], onGrant: () => void) {
    this.#limiter = limiter;
    this.onGrant = onGrant;
    this.instances = instances.map((limits = NO_LIMITS, number) => ({
      number,
      model: this,
      limits,
      executions: EXECUTIONS_AT_START,
      payload: -1,
    }));
    for (const instance of this.instances) this.#available.push(instance);
    this.#ownRequests = instances.map(() => new TimerRing());
  }

  /** A payload, by any number that tells it apart, is there; it executes on that instance, or on any. */
  request(payload: number, nowNs: number, instance?: number): void {
    (instance === undefined ? this.#requests : this.#ownRequests[instance]!).push(nowNs, payload);
    this.#stage(nowNs, instance);
  }

  /** An instance is done with its payload. */
  release(instance: number, nowNs: number): void {
    const released = this.instances[instance]!;
    released.executions++;
    this.#available.push(released);
    this.#limiter.free(released);
    if (this.#requestsFor(released) !== undefined) this.#stage(nowNs, instance);
    this.#limiter.attempt(nowNs);
  }

  /** So many more of its payloads wait for resources. */
  staged(more: number, nowNs: number): void {
    this.#staged += more;
    this.#waiting.set(Math.sign(this.#staged), nowNs);
  }

  /** Share of a run of that length in which one of its payloads had an instance and waited for resources. */
  waitingShare(durationNs: number): number {
    return this.#waiting.mean(durationNs);
  }

  /** Instances that are available take what waits, those that have executed least first. The others are queued anew, as in Triton. */
  #stage(nowNs: number, only: number | undefined): void {
    const others = inOrder();
    for (let next = this.#available.pop(); next !== undefined; next = this.#available.pop()) {
      const isAsked = only === undefined || next.number === only;
      const requests = isAsked ? this.#requestsFor(next) : undefined;
      if (requests === undefined) others.push(next);
      else {
        next.payload = requests.pop();
        this.#limiter.stage(next, nowNs);
      }
    }
    this.#available = others;
  }

  /** Its own come before those of any instance. */
  #requestsFor({ number }: LimitedInstance): TimerRing | undefined {
    return [this.#ownRequests[number]!, this.#requests].find(({ nextNs }) => nextNs !== Infinity);
  }
}
