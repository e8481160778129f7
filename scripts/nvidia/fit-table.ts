import { fitFromSummaries } from '../../src/calibrate/summary/fit-from-summaries.js';
import { isSolo, type SummaryObservation } from '../../src/calibrate/summary/observation.js';
import type { TableFit } from './fit.js';
import type { NvidiaTable } from './tables.js';

/**
 * The online rows of a table that its own fit may see: fewest callers, most callers and the middle, so that all
 * others lie between them. None where nothing is to be learned from them: one instance whose requests cost
 * nothing to send.
 */
function rowsOfTableFit({ online, setups, offline }: NvidiaTable): readonly SummaryObservation[] {
  const sorted = [...online].sort((a, b) => a.concurrency - b.concurrency);
  const setup = setups[0]!;
  const split = offline.every(({ splitMs }) => splitMs !== undefined);
  if (setups.length === 1 && setup.instances === 1 && !split && setup.payload.requestBytes === 0) return [];
  const last = sorted.length - 1;
  return [...new Set([0, Math.floor(last / 2), last])].map((i) => sorted[i]!);
}

/**
 * For comparison: a fit of its own for the table, on its offline rows and three of its online rows; of several
 * numbers of instances the one that fits better.
 */
export function fitTable(table: NvidiaTable): TableFit {
  const online = rowsOfTableFit(table);
  const fits = table.setups.map((setup) => ({
    setup,
    fit: fitFromSummaries([...table.offline, ...online], setup),
  }));
  const { setup, fit } = [...fits].sort((a, b) => a.fit.misfit - b.fit.misfit)[0]!;
  const { parameters, spread, residuals } = fit;
  return {
    table,
    setup,
    parameters,
    spread,
    // Rows of one caller that are their own service times say nothing of how well the model describes the table.
    residuals: residuals.filter(({ observed }) => parameters.service.kind === 'line' || !isSolo(observed)),
    fittedConcurrencies: online.map(({ concurrency }) => concurrency),
  };
}
