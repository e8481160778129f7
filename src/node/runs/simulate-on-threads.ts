import type { ComponentFigures } from '../../measure/component-figures.js';
import type { MeasureOptions } from '../../measure/measure-run.js';
import type { Scenario } from '../../scenario/scenario.js';
import type { ComponentResult } from '../../simulator/component-result.js';
import type { Component } from '../../simulator/partition.js';
import { handedOver } from '../memory/shared-scenario.js';
import { type ComponentWork, type Done, takeComponents, workOn } from './component-work.js';
import { workerPool } from './worker-pool.js';

/** Simulates components on threads, each of which gets the scenario once; arrivals are in memory that they share, or are drawn where they are used. */
export function simulateOnThreads(
  scenario: Scenario,
  components: readonly Component[],
  threads: number,
  onProgress: (share: number) => void,
): Promise<ComponentResult[]> {
  return onThreads({ scenario }, components, threads, onProgress);
}

/** The same, giving figures only: what threads hand over is a tenth of all requests' rows. */
export function measureOnThreads(
  scenario: Scenario,
  components: readonly Component[],
  threads: number,
  { series, keepsLatencies = false, onProgress = () => {} }: MeasureOptions,
): Promise<ComponentFigures[]> {
  return onThreads({ scenario, measure: { series, keepsLatencies } }, components, threads, onProgress);
}

/**
 * This thread takes components as the others do: one more that only waited for them would load and compile the same code, and have
 * its own share of a processor's time for that.
 */
async function onThreads<Result>(
  work: ComponentWork,
  components: readonly Component[],
  threads: number,
  onProgress: (share: number) => void,
): Promise<Result[]> {
  const shared = { ...work, scenario: handedOver(work.scenario) };
  const others = Math.min(threads, components.length) - 1;
  const pool = workerPool(new URL('./component-worker.js', import.meta.url), shared, others);
  const offer = { components, taken: new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)) };
  try {
    const elsewhere = Array.from({ length: others }, () => pool.run<Done<Result>[]>(offer));
    const parts = await Promise.all([...elsewhere, takeHere<Result>(work, offer, onProgress)]);
    const results: Result[] = [];
    for (const { place, result } of parts.flat()) results[place] = result;
    return results;
  } finally {
    await pool.destroy();
  }
}

type Offer = Parameters<typeof takeComponents>[1];

async function takeHere<Result>(
  work: ComponentWork,
  offer: Offer,
  onProgress: (share: number) => void,
): Promise<Done<Result>[]> {
  const { length } = offer.components;
  const done: Done<unknown>[] = [];
  const letOthersSpeak = () => new Promise((resolve) => setImmediate(resolve));
  // What they are to do is sent, and what they say is heard, while this thread rests.
  await letOthersSpeak();
  for (const one of takeComponents(workOn(work), offer)) {
    done.push(one);
    onProgress(Math.min(offer.taken[0]!, length) / length);
    await letOthersSpeak();
  }
  return done as Done<Result>[];
}
