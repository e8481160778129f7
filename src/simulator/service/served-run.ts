import { lognormal, lognormalParameters } from '../../base/distributions.js';
import type { Random } from '../../base/random.js';
import { remembered } from '../../base/remembered.js';
import { linearIdlePenaltyMs } from '../../effects/idle/linear-idle-penalty.js';
import { coldInferMs } from '../../effects/idle/warm-up-state.js';
import { atRate } from '../../effects/rate/at-rate.js';
import { type SpreadSampler, spreadSampler } from '../../effects/service-time-variability/sampler.js';
import { SpeedDriftWalk } from '../../effects/speed-drift/walk.js';
import type { ModelProfile, Spread } from '../../profile/profile.js';
import { type ServiceTable, serviceTable } from '../../profile/service-time.js';
import type { Serving } from '../../profile/serving.js';
import type { ModelConfig } from '../../scenario/model-config.js';
import type { ModelInstance, ServedModel, Tenant } from '../../scenario/scenario.js';
import type { EngineStep } from '../server/engine/engine-batch.js';
import { InstanceMemory } from './instance-memory.js';

/** What makes executions of one instance differ from its table. */
interface InstanceRun {
  readonly profile: ModelProfile;
  readonly sample: SpreadSampler | undefined;
  /** On one device all are alike. */
  readonly speedDrift: SpeedDriftWalk | undefined;
  /** What its first execution pays besides; 0 after it. */
  coldNs: number;
  /** What each request beyond the first adds to an execution. */
  readonly further: Phases | undefined;
  /** What executions take longer at the rate that the server gets. */
  readonly atThisRate: Phases | undefined;
}

/** What executions of a served model depend on besides the model itself. */
export interface ServedRunOptions {
  readonly maxBatchSize: number;
  /** Instances that may be added later. */
  readonly mayCome?: readonly ModelInstance[];
  readonly random: Random;
  /** Random numbers of the speed drift of a device of the server, from their beginning. */
  readonly speedDriftOf: (device: number) => Random;
  /** What the server of the model gets; undefined where its threads never sleep. */
  readonly requestsPerS?: number | undefined;
}

/**
 * What the executions of one served model cost in one run: service tables of its instances, the
 * draws of their spread, and what its instances remember (their last end, how cold they are).
 */
export class ServedRun {
  /** Phases of the execution last drawn, whole nanoseconds at full speed. */
  inputNs = 0;
  inferNs = 0;
  outputNs = 0;
  readonly #served: ServedModel;
  readonly #options: ServedRunOptions;
  readonly #random: Random;
  readonly #tableOf = new Map<ModelProfile, ServiceTable>();
  // What every execution asks for is in columns by instance: objects made the loops of plain models 13 % slower.
  readonly #tables: ServiceTable[] = [];
  /** Whether all executions take what the table says, and nothing more. */
  readonly #isSteady: boolean[] = [];
  /** After the responses of an execution once, and for each of its requests. */
  readonly #afterFixedNs: number[] = [];
  readonly #releaseNs: number[] = [];
  readonly #instances: InstanceRun[] = [];
  /** Kept only where a profile says that idling matters. */
  readonly #memory: InstanceMemory | undefined;

  /** @param instances those that it begins with */
  constructor(served: ServedModel, instances: readonly ModelInstance[], options: ServedRunOptions) {
    this.#served = served;
    this.#options = options;
    this.#random = options.random;
    const remembers = [...instances, ...(options.mayCome ?? [])].some(
      ({ profile: { linearIdlePenalty, warmUpState } }) => (linearIdlePenalty ?? warmUpState) !== undefined,
    );
    this.#memory = remembers ? new InstanceMemory() : undefined;
    for (const instance of instances) this.addInstance(instance);
  }

  /** Its instances get numbers in the order in which they are added. */
  addInstance(instance: ModelInstance): void {
    const { profile } = instance;
    this.#memory?.add(instance);
    const run = this.#runOf(instance);
    this.#instances.push(run);
    this.#isSteady.push(this.#memory === undefined && !varies(run));
    const { maxBatchSize } = this.#options;
    this.#tables.push(remembered(this.#tableOf, profile, () => serviceTable(profile, maxBatchSize)));
    const { releaseUs = 0 } = profile.response;
    this.#afterFixedNs.push(Math.round(afterExecutionUs(this.#served.config, profile) * 1000));
    this.#releaseNs.push(Math.round(releaseUs * 1000));
  }

  /** Of instances without limit there are hundreds: where nothing in it changes, the next one has that of the last. */
  #runOf({ device, profile }: ModelInstance): InstanceRun {
    const { coldStart } = this.#served;
    const { speedDriftOf, requestsPerS = Number.POSITIVE_INFINITY } = this.#options;
    const last = this.#instances.at(-1);
    if (last?.profile === profile && coldStart !== true && profile.speedDrift === undefined) return last;
    return {
      profile,
      sample: samplerOf(profile.spread),
      speedDrift: profile.speedDrift && new SpeedDriftWalk(profile.speedDrift, speedDriftOf(device)),
      coldNs: coldStart === true ? Math.round(profile.load.firstInferenceMs * 1e6) : 0,
      further: furtherRequest(profile),
      atThisRate: longerPhases(profile.serving?.phasesByRate, requestsPerS),
    };
  }

  /** Its instances are started anew: the first execution of each pays for that, where it does at all. */
  startAnew(): void {
    const { coldStart } = this.#served;
    if (coldStart !== true) return;
    for (const own of this.#instances) own.coldNs = Math.round(own.profile.load.firstInferenceMs * 1e6);
  }

  profileOf(instance: number): ModelProfile {
    return this.#instances[instance]!.profile;
  }

  /** After the responses to so many requests of an execution, before its instance is free. */
  afterResponsesNs(instance: number, requests: number): number {
    return this.#afterFixedNs[instance]! + this.#releaseNs[instance]! * requests;
  }

  /** What the inference of so many takes where nothing makes it differ. */
  inferenceNs(instance: number, batch: number): number {
    return this.#tables[instance]!.inferNs[batch]!;
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

  /** Draws the phases of a step of an engine: decoding takes as long as its sequences say, reading prompts comes on top. */
  drawStep(
    instance: number,
    { decodes, prefillTokens }: Pick<EngineStep, 'decodes' | 'prefillTokens'>,
    nowNs: number,
  ): void {
    this.draw(instance, Math.max(1, decodes), 1, nowNs);
    const { prefillMsPerToken } = this.profileOf(instance).engine!;
    const decodeNs = decodes === 0 ? 0 : this.inferNs;
    this.inferNs = decodeNs + Math.round(prefillTokens * prefillMsPerToken * 1e6);
  }

  /** Share of its device that an execution of `batch` inferences fills by itself. */
  fillOf(instance: number, batch: number): number {
    return this.#tables[instance]!.fill[batch]!;
  }

  /** What makes an execution longer than its table says. */
  #vary(instance: number, requests: number, nowNs: number): void {
    const own = this.#instances[instance]!;
    if (requests > 1) this.#add(own.further, requests - 1);
    this.#stretch(own.sample);
    if (this.#memory !== undefined) {
      this.#memory.start(instance, nowNs);
      this.#lengthen(own.profile, this.#memory);
    }
    const { speedDrift } = own;
    if (speedDrift !== undefined) this.inferNs = Math.round(this.inferNs * speedDrift.ratioAt(nowNs));
    this.#add(own.atThisRate, 1);
    // Lazy initialisation holds the instance, not the device that others use.
    this.inputNs += own.coldNs;
    own.coldNs = 0;
  }

  /** The instance's execution ended: what counts its idle time. */
  ended(instance: number, atNs: number): void {
    this.#memory?.ended(instance, atNs);
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
    { linearIdlePenalty, warmUpState }: ModelProfile,
    { idleMs, warmUpDeficit }: InstanceMemory,
  ): void {
    if (linearIdlePenalty !== undefined)
      this.inferNs += Math.round(linearIdlePenaltyMs(linearIdlePenalty, idleMs) * 1e6);
    if (warmUpState !== undefined)
      this.inferNs = Math.round(coldInferMs(warmUpState, warmUpDeficit, this.inferNs / 1e6) * 1e6);
  }
}

/** Whether executions of an instance without a memory differ from one to the next, or from the table. */
function varies({ coldNs, sample, speedDrift, further, atThisRate }: InstanceRun): boolean {
  const differing = [sample, speedDrift, further, atThisRate];
  return coldNs > 0 || differing.some((of) => of !== undefined);
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

/** What each request of an execution beyond the first takes; undefined where that is nothing. */
function furtherRequest({ perRequest }: ModelProfile): Phases | undefined {
  return perRequest && { inputNs: perRequest.inputUs * 1000, inferNs: 0, outputNs: 0 };
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
export function responseNs(
  profile: ModelProfile,
  { responseBytes }: Pick<Tenant, 'responseBytes'>,
  size: number,
): number {
  const kilobytes = (responseBytes * size) / 1024;
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
