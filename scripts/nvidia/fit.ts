import type { Residual } from '../../src/calibrate/summary/misfit.js';
import type { SummarySetup } from '../../src/calibrate/summary/observation.js';
import type { SummaryParameters, SummarySpread } from '../../src/calibrate/summary/parameters.js';
import type { NvidiaTable } from './tables.js';

/** By what a table's rows are predicted, and what that was made from. */
export interface TableFit {
  readonly table: NvidiaTable;
  /** With the number of instances that was taken where the source gives several. */
  readonly setup: SummarySetup;
  readonly parameters: SummaryParameters;
  readonly spread: SummarySpread;
  /** Rows that took part in the fit; the predicted interval goes by how well they are described. */
  readonly residuals: readonly Residual[];
  /** Callers of this table's online rows that took part: no points. */
  readonly fittedConcurrencies: readonly number[];
}
