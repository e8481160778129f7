import { lognormal, lognormalParameters } from '../base/distributions.js';
import type { Random } from '../base/random.js';
import { idleDoublings } from '../profile/cooling.js';
import type { ModelProfile } from '../profile/profile.js';
import { serviceTable } from '../profile/service-time.js';
import { spreadSampler } from '../profile/spread.js';
import type { ServedModel, Tenant } from '../scenario/scenario.js';

/**
 * What the executions of one served model cost in one run: service tables of its instances, the
 * draws of their spread, and what an instance remembers (its last end, whether it is still cold).
 */
export class ServedRun {
  /** Phases of the execution last drawn, whole nanoseconds at full speed. */
  inputNs = 0;
  inferNs = 0;
  outputNs = 0;
  /** After the responses of an execution, before the instance is free. */
  readonly responseFixedNs: number;
  readonly profiles: readonly ModelProfile[];
  readonly #tables: readonly Table[];
  readonly #sampleOf: readonly (((random: Random) => number) | undefined)[];
  readonly #random: Random;
  readonly #lastEndNs: Float64Array;
  /** Executions under way on each instance: two where it pipelines. Kept only where idling matters. */
  readonly #running: Uint8Array;
  readonly #coldNs: Float64Array;
  readonly #remembers: boolean;
  readonly #perRequest: readonly (FurtherRequest | undefined)[];

  constructor(served: ServedModel, maxBatchSize: number, random: Random) {
    this.profiles = served.instances.map((instance) => instance.profile);
    const tables = new Map<ModelProfile, Table>();
    for (const profile of this.profiles) {
      if (!tables.has(profile)) tables.set(profile, serviceTable(profile, maxBatchSize));
    }
    this.#tables = this.profiles.map((profile) => tables.get(profile)!);
    this.#sampleOf = this.profiles.map((profile) =>
      profile.spread.law === 'none' ? undefined : spreadSampler(profile.spread),
    );
    this.#random = random;
    this.#lastEndNs = new Float64Array(this.profiles.length).fill(Number.NaN);
    this.#running = new Uint8Array(this.profiles.length);
    this.#coldNs = Float64Array.from(this.profiles, (profile) =>
      served.coldStart === true ? Math.round(profile.load.firstInferenceMs * 1e6) : 0,
    );
    this.#remembers =
      this.profiles.some(({ afterIdle, cooling }) => afterIdle !== undefined || cooling !== undefined) ||
      served.coldStart === true;
    this.#perRequest = this.profiles.map(({ perRequest }) =>
      perRequest === undefined
        ? undefined
        : { inputNs: perRequest.inputUs * 1000, inferNs: perRequest.inferUs * 1000 },
    );
    this.responseFixedNs = Math.round((this.profiles[0]?.response.fixedUs ?? 0) * 1000);
  }

  /** Draws the phases of an execution of `batch` inferences in `requests` requests that starts now on `instance`. */
  draw(instance: number, batch: number, requests: number, nowNs: number): void {
    const table = this.#tables[instance]!;
    this.inputNs = table.inputNs[batch]!;
    this.inferNs = table.inferNs[batch]!;
    this.outputNs = table.outputNs[batch]!;
    const further = this.#perRequest[instance];
    if (further !== undefined && requests > 1) {
      this.inputNs += Math.round(further.inputNs * (requests - 1));
      this.inferNs += Math.round(further.inferNs * (requests - 1));
    }
    const sample = this.#sampleOf[instance];
    if (sample !== undefined) this.#stretch(sample(this.#random));
    if (this.#remembers) this.#remember(instance, nowNs);
  }

  /** The instance's execution ended: what counts its idle time. */
  ended(instance: number, atNs: number): void {
    if (!this.#remembers) return;
    this.#lastEndNs[instance] = atNs;
    this.#running[instance]!--;
  }

  #stretch(ratio: number): void {
    this.inputNs = Math.round(this.inputNs * ratio);
    this.inferNs = Math.round(this.inferNs * ratio);
    this.outputNs = Math.round(this.outputNs * ratio);
  }

  #lengthen({ afterIdle, cooling }: ModelProfile, idleMs: number): void {
    if (afterIdle !== undefined) {
      const { freeMs, msPerIdleMs, maxIdleMs } = afterIdle;
      this.inferNs += Math.round(Math.max(0, Math.min(idleMs, maxIdleMs) - freeMs) * msPerIdleMs * 1e6);
    }
    if (cooling !== undefined) {
      this.inferNs += Math.round(idleDoublings(cooling, idleMs) * cooling.inferMsPerDoubling * 1e6);
    }
  }

  #remember(instance: number, nowNs: number): void {
    const lastEndNs = this.#lastEndNs[instance]!;
    const isIdle = this.#running[instance]!++ === 0;
    if (isIdle && !Number.isNaN(lastEndNs))
      this.#lengthen(this.profiles[instance]!, (nowNs - lastEndNs) / 1e6);
    // Lazy initialisation holds the instance, not the device that others use.
    this.inputNs += this.#coldNs[instance]!;
    this.#coldNs[instance] = 0;
  }
}

/** What each request after the first adds. */
interface FurtherRequest {
  readonly inputNs: number;
  readonly inferNs: number;
}

interface Table {
  readonly inputNs: Float64Array;
  readonly inferNs: Float64Array;
  readonly outputNs: Float64Array;
}

/** Time to build and send the response to one request, on the instance thread. */
export function responseNs(profile: ModelProfile, tenant: Tenant, size: number): number {
  const kilobytes = (tenant.responseBytes * size) / 1024;
  return Math.round((profile.response.perRequestUs + profile.response.perKilobyteUs * kilobytes) * 1000);
}

/** Mean time of one request in a front-end handler thread at full speed. */
export function frontEndNs(profile: ModelProfile, requestBytes: number): number {
  return Math.round(
    (profile.frontEnd.perRequestUs + (profile.frontEnd.perKilobyteUs * requestBytes) / 1024) * 1000,
  );
}

/** Draws ratios to the mean of a front-end time, or undefined where it does not vary. */
export function frontEndSampler(profile: ModelProfile): ((random: Random) => number) | undefined {
  const cv = profile.frontEnd.cv ?? 0;
  if (cv <= 0) return undefined;
  const parameters = lognormalParameters(1, cv);
  return (random) => lognormal(random, parameters);
}
