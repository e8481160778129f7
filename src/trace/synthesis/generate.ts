import { InputError } from '../../base/problem.js';
import type { Random, RandomStreams } from '../../base/random.js';
import type { Trace } from '../trace.js';
import { type ArrivalOptions, type ArrivalStream, checkedStream, checkOptions } from './arrival-stream.js';
import { type BatchSizes, batchSizeSampler, largestBatchSize } from './batch-sizes.js';
import { describeProcess } from './describe-process.js';
import { meanRatePerS } from './mean-rate.js';
import { validateBatchSizes } from './validate-process.js';

export interface GenerateOptions extends ArrivalOptions {
  readonly tenant: string;
  /** Default: the trace has no batch sizes. */
  readonly batchSize?: BatchSizes;
  /** Draws the batch sizes, where they vary. Apart from `random`, so that they do not shift arrivals. */
  readonly batchRandom?: Random;
  /** Request body in bytes per inference in the request. Default: the trace has no payloads. */
  readonly payloadBytesPerInference?: number;
}

/** More arrivals than this are not held in memory: one column alone takes 4 GB. */
const MAX_REQUESTS_IN_MEMORY = 5e8;

/** The two streams of a tenant, by its name: no other tenant has a part in them. */
export function tenantRandoms(
  streams: RandomStreams,
  tenant: string,
): { random: Random; batchRandom: Random } {
  return { random: streams.get(`arrivals/${tenant}`), batchRandom: streams.get(`batch sizes/${tenant}`) };
}

/**
 * A trace of one tenant: the arrivals of {@link arrivalStream}, all at once. If `maxRequests` cuts
 * it short, it ends where the next request would have come, so that its rate stays unbiased.
 * @throws InputError if the process or the duration makes no sense, or if there are too many requests
 */
export function generateTrace(options: GenerateOptions): Trace {
  checkOptions(options);
  checkSizes(options);
  return checkedTrace(options);
}

/** The same of options that have been checked. */
export function checkedTrace(options: GenerateOptions): Trace {
  const { tenant, process, durationS, maxRequests = Infinity } = options;
  const stream = checkedStream({ ...options, maxRequests: maxRequests + 1 });
  const all = collect(stream, expectedRequests(options));
  const isCut = all.length > maxRequests;
  const arrivalUs = isCut ? all.slice(0, maxRequests) : all;
  return {
    tenants: [tenant],
    arrivalUs,
    tenant: new Uint16Array(arrivalUs.length),
    ...sizeColumns(options, arrivalUs.length),
    durationUs: isCut ? all[maxRequests]! : endUs(durationS, all),
    source: `generated: ${describeProcess(process)}`,
  };
}

/** A trace that may last forever ends with its last arrival, if there is one. */
function endUs(durationS: number, arrivalUs: Float64Array): number {
  return durationS === Infinity ? (arrivalUs.at(-1) ?? 0) : Math.round(durationS * 1e6);
}

/**
 * How many are expected, to make room for them.
 * @throws InputError where they are too many
 */
export function expectedRequests({
  process,
  durationS,
  maxRequests = Infinity,
}: Pick<GenerateOptions, 'process' | 'durationS' | 'maxRequests'>): number {
  const offered = durationS === Infinity ? Infinity : meanRatePerS(process, durationS) * durationS;
  const expected = Math.min(offered, maxRequests + 1);
  if (expected <= MAX_REQUESTS_IN_MEMORY) return expected;
  throw InputError.of(
    `about ${expected.toPrecision(3)} requests are too many for a trace in memory (${MAX_REQUESTS_IN_MEMORY})`,
    'shorten the trace, lower its rate or ask for fewer requests',
  );
}

/** Arrivals asked for at once: enough calls for the compiler to see the loop early. */
const BLOCK = 8192;

/** More blocks than this have little room left. */
const MOST_ROOM_LEFT = 20;

function collect(stream: ArrivalStream, expected: number): Float64Array {
  let arrivals = new Float64Array(Math.ceil(expected + 6 * Math.sqrt(expected)) + BLOCK);
  let length = 0;
  for (;;) {
    const count = stream.fill(arrivals.subarray(length, length + BLOCK));
    length += count;
    // A long column with little room left is not copied.
    if (count < BLOCK && length > MOST_ROOM_LEFT * BLOCK) return arrivals.subarray(0, length);
    if (count < BLOCK) return arrivals.slice(0, length);
    if (length + BLOCK > arrivals.length) arrivals = enlarged(arrivals);
  }
}

function enlarged(values: Float64Array): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(Math.ceil(values.length * 1.5) + BLOCK);
  larger.set(values);
  return larger;
}

function sizeColumns(options: GenerateOptions, length: number): Pick<Trace, 'batchSize' | 'payloadBytes'> {
  const { payloadBytesPerInference: bytes } = options;
  const batchSize = options.batchSize === undefined ? undefined : batchSizeColumn(options, length);
  return {
    ...(batchSize && { batchSize }),
    ...(bytes !== undefined && {
      payloadBytes: Uint32Array.from({ length }, (_, i) => bytes * (batchSize?.[i] ?? 1)),
    }),
  };
}

function checkSizes({
  batchSize = 1,
  batchRandom,
  payloadBytesPerInference: bytes = 0,
}: GenerateOptions): void {
  const problems = [...validateBatchSizes(batchSize, 'batchSize')];
  if (problems.length === 0 && !(bytes >= 0 && bytes * largestBatchSize(batchSize) < 2 ** 32)) {
    problems.push({
      path: 'payloadBytesPerInference',
      what: `makes no request of 0 to 4 GB: ${bytes}`,
    });
  }
  if (problems.length > 0) throw new InputError(problems);
  if (typeof batchSize !== 'number' && batchRandom === undefined) {
    throw new RangeError('batch sizes that vary need a batchRandom');
  }
}

function batchSizeColumn({ batchSize = 1, batchRandom }: GenerateOptions, length: number): Uint16Array {
  if (typeof batchSize === 'number') return new Uint16Array(length).fill(batchSize);
  const sampler = batchSizeSampler(batchSize);
  const column = new Uint16Array(length);
  for (let i = 0; i < length; i++) column[i] = sampler.next(batchRandom!);
  return column;
}
