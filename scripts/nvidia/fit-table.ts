import type { Values } from '../../src/calibrate/summary/coordinates.js';
import { fitFromSummaries, type SummaryFit } from '../../src/calibrate/summary/fit-from-summaries.js';
import type { SummaryObservation, SummarySetup } from '../../src/calibrate/summary/observation.js';
import type { NvidiaTable } from './tables.js';

/** A table's fit and what it was made from. */
export interface TableFit {
  readonly table: NvidiaTable;
  readonly setup: SummarySetup;
  readonly fit: SummaryFit;
  /** Callers of the online rows that took part. */
  readonly fittedConcurrencies: readonly number[];
  /** Misfit by number of instances, where the source gives several. */
  readonly misfits: ReadonlyMap<number, number>;
}

/**
 * The online rows of a table that its fit may see: fewest callers, most callers and the middle, chosen before any
 * result was seen, so that all others lie between them. None where nothing is to be learned from them: one
 * instance whose requests cost nothing to send.
 */
export function rowsToFit({ online, setups, offline }: NvidiaTable): readonly SummaryObservation[] {
  const sorted = [...online].sort((a, b) => a.concurrency - b.concurrency);
  const setup = setups[0]!;
  const split = offline.every(({ splitMs }) => splitMs !== undefined);
  if (setups.length === 1 && setup.instances === 1 && !split && setup.payload.requestBytes === 0) return [];
  const last = sorted.length - 1;
  return [...new Set([0, Math.floor(last / 2), last])].map((i) => sorted[i]!);
}

/** Fits on the offline table and the few online rows; of several numbers of instances the one that fits better. */
export function fitTable(
  table: NvidiaTable,
  online = rowsToFit(table),
  known: Partial<Values> = {},
): TableFit {
  const observations = [...table.offline, ...online];
  const fits = table.setups.map((setup) => ({
    setup,
    fit: fitFromSummaries(observations, setup, { known, provenance: provenance(table) }),
  }));
  const best = [...fits].sort((a, b) => a.fit.misfit - b.fit.misfit)[0]!;
  return {
    table,
    ...best,
    fittedConcurrencies: online.map(({ concurrency }) => concurrency),
    misfits: new Map(fits.map(({ setup, fit }) => [setup.instances, fit.misfit])),
  };
}

function provenance({ device }: NvidiaTable) {
  return {
    source: 'NVIDIA/DeepLearningExamples@729963d, offline tables and a few online rows',
    licence: 'BSD-3-Clause or Apache-2.0, by folder of the source',
    gpu: device,
  };
}
