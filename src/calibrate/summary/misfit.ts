import { mean } from 'simple-statistics';
import { remembered } from '../../base/remembered.js';
import { simulateLoop } from './closed-loop.js';
import { soloLatencyMs } from './coordinates.js';
import { isSolo, type SummaryObservation, type SummarySetup } from './observation.js';
import type { SummaryParameters, SummarySpread } from './parameters.js';
import { summaryProfile } from './summary-profile.js';

/** Weights of what a table shows. What a row is read for is measured best. */
const WEIGHT = { told: 10, part: 1, output: 0.1, solo: 6 } as const;

/** Log ratios below this count by their square, above it by their size: one odd row must not bend all. */
const ROBUST = 0.05;

/** Parts of the latency shorter than this share of it are compared no closer. */
const LEAST_SHARE = 0.01;

/** Latencies that a simulation in the loop of a search runs for. */
const ROUNDS = 32;
/** Of a backlog of hundreds, which only full batches leave, fewer will do: so many requests, and rounds. */
const BACKLOG = { requests: 4000, rounds: 8 } as const;

/** A row of the table and what the parameters say in its place. */
export interface Residual {
  readonly observed: SummaryObservation;
  readonly predicted: SummaryObservation;
}

/**
 * Parameters against every row. Rows of one client need no simulation: nothing waits in them. Loads that were measured
 * several times are simulated once, for as long as the first row of each tells.
 */
export function residuals(
  parameters: SummaryParameters,
  setup: SummarySetup,
  spread: SummarySpread,
  observations: readonly SummaryObservation[],
): readonly Residual[] {
  const profile = summaryProfile(parameters, setup, spread);
  const simulated = new Map<string, SummaryObservation>();
  const loopOf = (observed: SummaryObservation) =>
    remembered(simulated, loadOf(observed), () =>
      simulateLoop(parameters, profile, setup, {
        concurrency: observed.concurrency,
        openLoop: observed.openLoop,
        requestBatch: observed.requestBatch,
        latencyMs: observed.meanLatencyMs,
        rounds: roundsOf(observed),
        seed: 'fit',
      }),
    );
  return observations.map((observed) => ({
    observed,
    predicted: isSolo(observed) ? soloPrediction(parameters, observed, setup) : loopOf(observed),
  }));
}

function roundsOf({ overload, concurrency }: SummaryObservation): number {
  if (overload === undefined) return ROUNDS;
  return Math.min(ROUNDS, Math.max(BACKLOG.rounds, BACKLOG.requests / concurrency));
}

/** The same for rows that measured the same load. How many were in an open loop at a time is a result, not a part of it. */
function loadOf({ concurrency, openLoop, requestBatch }: SummaryObservation): string {
  const sent = openLoop === undefined ? `${concurrency}` : `${openLoop.requestsPerS}/s ${openLoop.arrivals}`;
  return `${sent} x ${requestBatch}`;
}

function soloPrediction(
  parameters: SummaryParameters,
  observed: SummaryObservation,
  setup: SummarySetup,
): SummaryObservation {
  const { requestBatch } = observed;
  const meanLatencyMs = soloLatencyMs(parameters, requestBatch, setup) + (observed.splitMs?.queue ?? 0);
  return {
    concurrency: 1,
    requestBatch,
    meanLatencyMs,
    inferencesPerS: (1000 * requestBatch) / meanLatencyMs,
  };
}

/** Weighted distance of the predictions from the table; 0 when they agree. */
export function misfit(rows: readonly Residual[]): number {
  const solo = rows.filter(({ observed }) => isSolo(observed));
  const loops = rows.filter(({ observed }) => !isSolo(observed));
  const soloMisfit =
    solo.length === 0
      ? 0
      : mean(
          solo.map(({ observed, predicted }) => distance(predicted.meanLatencyMs, observed.meanLatencyMs)),
        );
  return loops.reduce((sum, row) => sum + loopMisfit(row), WEIGHT.solo * soloMisfit);
}

function loopMisfit({ observed, predicted }: Residual): number {
  const told = WEIGHT.told * distance(toldBy(predicted), toldBy(observed));
  if (observed.splitMs === undefined) return told;
  const least = LEAST_SHARE * observed.meanLatencyMs;
  const part = (name: keyof typeof observed.splitMs) =>
    distance(predicted.splitMs![name] + least, observed.splitMs![name] + least);
  const parts = part('outside') + part('queue') + part('input') + part('infer');
  return told + WEIGHT.part * parts + WEIGHT.output * part('output');
}

/**
 * What a row tells: in a closed loop the throughput, from which the latency follows. In an open loop as much
 * comes out as was sent, so it is the latency.
 */
export function toldBy({ openLoop, inferencesPerS, meanLatencyMs }: SummaryObservation): number {
  return openLoop === undefined ? inferencesPerS : meanLatencyMs;
}

/** Pseudo-Huber distance of two positive figures by the logarithm of their ratio. */
function distance(predicted: number, observed: number): number {
  const log = Math.log(predicted / observed);
  return Math.sqrt(log * log + ROBUST * ROBUST) - ROBUST;
}
