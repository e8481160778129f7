import { exponential, lognormal, lognormalParameters } from '../base/distributions.js';
import type { Random } from '../base/random.js';
import { atRate } from '../profile/by-rate.js';
import { afterIdleMs, logIdlePenaltyMs } from '../profile/pauses.js';
import type { ModelProfile, Spread } from '../profile/profile.js';
import { type ServiceTable, serviceTable } from '../profile/service-time.js';
import type { Serving } from '../profile/serving.js';
import { type SpreadSampler, spreadSampler } from '../profile/spread.js';
import { coldInferMs } from '../profile/warm-up-state.js';
import type { ModelConfig } from '../scenario/model-config.js';
import type { ServedModel, Tenant } from '../scenario/scenario.js';
import { InstanceMemory } from './instance-memory.js';
import { SpeedDriftWalk } from './speed-drift-walk.js';

/**
 * What the executions of one served model cost in one run: service tables of its instances, the
 * draws of their spread, and what its instances remember (their last end, how cold they are).
 */
export class ServedRun {
  /** Phases of the execution last drawn, whole nanoseconds at full speed. */
  inputNs = 0;
  inferNs = 0;
  outputNs = 0;
  /** How much of what others on its device cost it the execution last drawn bears; mean 1. */
  contentionFactor = 1;
  readonly profiles: readonly ModelProfile[];
  readonly #tables: readonly ServiceTable[];
  readonly #sampleOf: readonly (SpreadSampler | undefined)[];
  readonly #random: Random;
  /** Of each instance; on one device all are alike. */
  readonly #speedDrift: readonly (SpeedDriftWalk | undefined)[];
  /** Kept only where a profile says that idling matters. */
  readonly #memory: InstanceMemory | undefined;
  readonly #coldNs: Float64Array;
  /** Of each instance: after the responses of an execution once, and for each of its requests. */
  readonly #afterFixedNs: Float64Array;
  readonly #releaseNs: Float64Array;
  /** What each request beyond the first adds to an execution. */
  readonly #further: readonly (Phases | undefined)[];
  readonly #isContended: readonly boolean[];
  /** What executions take longer at the rate that the server gets. */
  readonly #atThisRate: readonly (Phases | undefined)[];
  /** Whether all executions of the instance take what its table says, and nothing more. */
  readonly #isSteady: readonly boolean[];

  /**
   * @param speedDriftOf random numbers of the speed drift of a device of the server, from their beginning
   * @param requestsPerS what the server of the model gets; undefined where its threads never sleep
   */
  constructor(
    served: ServedModel,
    maxBatchSize: number,
    { random, speedDriftOf }: { readonly random: Random; readonly speedDriftOf: (device: number) => Random },
    requestsPerS = Number.POSITIVE_INFINITY,
  ) {
    this.profiles = served.instances.map((instance) => instance.profile);
    const tables = new Map<ModelProfile, ServiceTable>();
    for (const profile of this.profiles) {
      if (!tables.has(profile)) tables.set(profile, serviceTable(profile, maxBatchSize));
    }
    this.#tables = this.profiles.map((profile) => tables.get(profile)!);
    this.#sampleOf = this.profiles.map(({ spread }) => samplerOf(spread));
    this.#random = random;
    this.#speedDrift = served.instances.map(
      ({ device, profile: { speedDrift } }) =>
        speedDrift && new SpeedDriftWalk(speedDrift, speedDriftOf(device)),
    );
    this.#coldNs = Float64Array.from(this.profiles, (profile) =>
      served.coldStart === true ? Math.round(profile.load.firstInferenceMs * 1e6) : 0,
    );
    const remembers = this.profiles.some(
      ({ linearIdlePenalty, logIdlePenalty, warmUpState }) =>
        (linearIdlePenalty ?? logIdlePenalty ?? warmUpState) !== undefined,
    );
    this.#memory = remembers ? new InstanceMemory(served.instances) : undefined;
    this.#further = this.profiles.map((profile) => furtherRequest(profile, served.furtherResponseUs));
    this.#isContended = this.profiles.map(isContended);
    this.#atThisRate = this.profiles.map(({ serving }) => longerPhases(serving?.phasesByRate, requestsPerS));
    this.#isSteady = this.profiles.map((_, i) => this.#memory === undefined && !this.#varies(i));
    this.#afterFixedNs = Float64Array.from(this.profiles, (profile) =>
      Math.round(afterExecutionUs(served.config, profile) * 1000),
    );
    this.#releaseNs = Float64Array.from(this.profiles, ({ response }) =>
      Math.round((response.releaseUs ?? 0) * 1000),
    );
  }

  /** After the responses to so many requests of an execution, before its instance is free. */
  afterResponsesNs(instance: number, requests: number): number {
    return this.#afterFixedNs[instance]! + this.#releaseNs[instance]! * requests;
  }

  /** Draws the phases of an execution of `batch` inferences in `requests` requests that starts now on `instance`. */
  draw(instance: number, batch: number, requests: number, nowNs: number): void {
    const table = this.#tables[instance]!;
    this.inputNs = table.inputNs[batch]!;
    this.inferNs = table.inferNs[batch]!;
    this.outputNs = table.outputNs[batch]!;
    // Kept apart, so that the common case is small enough to be compiled into the loops that call it.
    if (!this.#isSteady[instance]!) this.#vary(instance, requests, nowNs);
  }

  /** Share of its device that an execution of `batch` inferences fills by itself. */
  fillOf(instance: number, batch: number): number {
    return this.#tables[instance]!.fill[batch]!;
  }

  /** What makes an execution longer than its table says. */
  #vary(instance: number, requests: number, nowNs: number): void {
    if (requests > 1) this.#add(this.#further[instance], requests - 1);
    if (this.#isContended[instance]!) this.contentionFactor = exponential(this.#random, 1);
    this.#spread(instance, nowNs);
    const speedDrift = this.#speedDrift[instance];
    if (speedDrift !== undefined) this.inferNs = Math.round(this.inferNs * speedDrift.ratioAt(nowNs));
    this.#add(this.#atThisRate[instance], 1);
    // Lazy initialisation holds the instance, not the device that others use.
    this.inputNs += this.#coldNs[instance]!;
    this.#coldNs[instance] = 0;
  }

  #varies(instance: number): boolean {
    return (
      this.#isContended[instance]! ||
      this.#coldNs[instance]! > 0 ||
      [this.#sampleOf, this.#speedDrift, this.#further, this.#atThisRate].some(
        (of) => of[instance] !== undefined,
      )
    );
  }

  /** The instance's execution ended: what counts its idle time. */
  ended(instance: number, atNs: number): void {
    this.#memory?.ended(instance, atNs);
  }

  #spread(instance: number, nowNs: number): void {
    this.#stretch(this.#sampleOf[instance]);
    const memory = this.#memory;
    if (memory === undefined) return;
    memory.start(instance, nowNs);
    this.#lengthen(this.profiles[instance]!, memory);
  }

  #add(phases: Phases | undefined, times: number): void {
    if (phases === undefined) return;
    this.inputNs += Math.round(phases.inputNs * times);
    this.inferNs += Math.round(phases.inferNs * times);
    this.outputNs += Math.round(phases.outputNs * times);
  }

  #stretch(sample: SpreadSampler | undefined): void {
    if (sample === undefined) return;
    const ratio = sample(this.#random);
    this.inputNs = Math.round(this.inputNs * ratio);
    this.inferNs = Math.round(this.inferNs * ratio);
    this.outputNs = Math.round(this.outputNs * ratio);
  }

  #lengthen(
    { linearIdlePenalty, logIdlePenalty, warmUpState }: ModelProfile,
    { idleMs, warmUpDeficit }: InstanceMemory,
  ): void {
    if (linearIdlePenalty !== undefined)
      this.inferNs += Math.round(afterIdleMs(linearIdlePenalty, idleMs) * 1e6);
    if (logIdlePenalty !== undefined)
      this.inferNs += Math.round(logIdlePenaltyMs(logIdlePenalty, idleMs) * 1e6);
    if (warmUpState !== undefined)
      this.inferNs = Math.round(coldInferMs(warmUpState, warmUpDeficit, this.inferNs / 1e6) * 1e6);
  }
}

/** The default scheduler has no batcher that an instance would have to wake. */
function afterExecutionUs({ dynamicBatching }: ModelConfig, { response, serving }: ModelProfile): number {
  const { fixedUs } = response;
  return dynamicBatching === undefined ? Math.max(0, fixedUs - (serving?.batcherSignalUs ?? 0)) : fixedUs;
}

/** Times of the three phases in nanoseconds, not rounded. */
interface Phases {
  readonly inputNs: number;
  readonly inferNs: number;
  readonly outputNs: number;
}

/**
 * Whether what others cost an execution differs from one to the next: the scheduler of a host leaves two that compute on one core
 * for some milliseconds, or gives each its own; what was measured beside others is the mean. With exponential factors p95 of
 * networks beside others, predicted 9 to 15 % too short before, came 3 to 6 % closer (three calibrations of the sample's models).
 */
function isContended({ hostCores, serving }: ModelProfile): boolean {
  return hostCores.infer > 0 && serving?.cpuCores !== undefined;
}

/** What each request of an execution beyond the first takes; undefined where that is nothing. */
function furtherRequest({ perRequest }: ModelProfile, responseUs = 0): Phases | undefined {
  if (perRequest === undefined && responseUs === 0) return undefined;
  return { inputNs: (perRequest?.inputUs ?? 0) * 1000, inferNs: 0, outputNs: responseUs * 1000 };
}

/** What executions take longer on a server that gets so many requests per second; undefined where that is nothing. */
function longerPhases(byRate: Serving['phasesByRate'], requestsPerS: number): Phases | undefined {
  if (byRate === undefined) return undefined;
  const us = atRate(byRate, requestsPerS, ['inputUs', 'inferUs', 'outputUs']);
  if (us.inputUs + us.inferUs + us.outputUs === 0) return undefined;
  return { inputNs: us.inputUs * 1000, inferNs: us.inferUs * 1000, outputNs: us.outputUs * 1000 };
}

function samplerOf(spread: Spread): SpreadSampler | undefined {
  return spread.law === 'none' ? undefined : spreadSampler(spread);
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
