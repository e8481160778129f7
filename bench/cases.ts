import type { Workload } from './workloads.js';

/** One line of the bench. */
export interface BenchCase {
  readonly name: string;
  readonly workload: Workload;
  /** What it is expected to reach, for the reader; nothing is gated on it. */
  readonly wantedPerSecond?: number;
  /** Also run the plain rule in C++ on the same sizes. */
  readonly reference?: boolean;
  readonly threads?: number;
  /** At least five, so that a median and a spread can be told. */
  readonly repeats: number;
}

const EXCLUSIVE = { mode: 'exclusive' } as const;
const FLEET_20: Workload = {
  models: 20,
  servers: 1,
  gpusPerServer: 8,
  instances: 2,
  maxBatchSize: 8,
  delayUs: 0,
  load: 0.7,
  requests: 4_000_000,
  sharing: EXCLUSIVE,
};
const FLEET_1000: Workload = { ...FLEET_20, models: 1000, servers: 25, requests: 8_000_000 };

export const CASES: readonly BenchCase[] = [
  {
    name: '20 models on 8 GPUs, delay 0',
    workload: FLEET_20,
    wantedPerSecond: 20e6,
    reference: true,
    repeats: 9,
  },
  {
    name: '20 models on 8 GPUs, delay 0.5 ms (early commitment)',
    workload: { ...FLEET_20, delayUs: 500 },
    wantedPerSecond: 12e6,
    repeats: 9,
  },
  {
    name: '20 models on 8 GPUs, delay 5 ms',
    workload: { ...FLEET_20, delayUs: 5000 },
    wantedPerSecond: 12e6,
    repeats: 9,
  },
  {
    name: '1000 models on 200 GPUs (25 servers), delay 0',
    workload: FLEET_1000,
    wantedPerSecond: 20e6,
    reference: true,
    repeats: 7,
  },
  {
    name: '1000 models on 200 GPUs, delay 0, two threads',
    workload: { ...FLEET_1000, requests: 24_000_000 },
    wantedPerSecond: 36e6,
    threads: 2,
    repeats: 12,
  },
  {
    name: '20 models on 8 GPUs, pairwise slowdown',
    workload: { ...FLEET_20, load: 0.35, sharing: { mode: 'streams' } },
    wantedPerSecond: 8e6,
    repeats: 9,
  },
  { name: 'flat: 10^5 requests', workload: { ...FLEET_20, requests: 1e5 }, repeats: 60 },
  { name: 'flat: 10^6 requests', workload: { ...FLEET_20, requests: 1e6 }, repeats: 20 },
  { name: 'flat: 10^7 requests', workload: { ...FLEET_20, requests: 1e7 }, repeats: 5 },
  { name: 'flat: 10^8 requests', workload: { ...FLEET_20, requests: 1e8 }, repeats: 5 },
];
