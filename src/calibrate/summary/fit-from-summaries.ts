import type { Place } from '../../base/problem.js';
import { LONGEST_TEXT } from '../../effects/values.js';
import type { ModelProfile } from '../../profile/profile.js';
import type { Network } from '../../scenario/scenario.js';
import { checkObservations } from './check-observations.js';
import { summaryNetwork } from './closed-loop.js';
import { freeNames, type Name, serviceForm, toParameters, type Values } from './coordinates.js';
import { firstGuess, HANDLER_SHARES } from './first-guess.js';
import { misfit, type Residual, residuals } from './misfit.js';
import { nelderMead, type Vertex } from './nelder-mead.js';
import type { SummaryObservation, SummarySetup } from './observation.js';
import type { SummaryParameters, SummarySpread } from './parameters.js';
import { HANDLER_CV, spreadOf } from './spread.js';
import { LEAST_HANDLER_MS, type SummaryFacts, summaryProfile } from './summary-profile.js';
import { fitSummary, strangeRows, uncertainties } from './uncertainty.js';

export interface SummaryFitOptions extends SummaryFacts {
  /** Where each row comes from, for messages. */
  readonly places?: readonly Place[];
  /** Called before each step of each search. */
  readonly onProgress?: (progress: FitProgress) => void;
}

/** Where a fit is: the table is simulated once in each step. */
export interface FitProgress {
  readonly search: number;
  readonly of: number;
  readonly step: number;
}

export interface SummaryFit {
  readonly profile: ModelProfile;
  /** What belongs to the server and the network delay to it rather than to the model. */
  readonly server: { readonly network: Network; readonly protocol: 'grpc' | 'http' };
  readonly parameters: SummaryParameters;
  readonly spread: SummarySpread;
  /** The rows of the table beside what the fit says of them. */
  readonly residuals: readonly Residual[];
  readonly misfit: number;
  /** What the table does not determine, and what was assumed, in sentences. */
  readonly uncertain: readonly string[];
}

/** What is taken for values that a table cannot show. */
const NEUTRAL: Values = {
  inferFixedMs: 0,
  inferMs: 0,
  inputMs: 0,
  outputMs: 0,
  responseMs: 0,
  handlerMs: LEAST_HANDLER_MS,
  linkMs: 0,
  roundTripMs: 0,
  slowdownExcess: 1,
};

/**
 * The profile and the server's constants behind a table of closed-loop results: those with which the
 * simulator shows the same table. Rows of one client give the service times (directly, where they split the
 * latency or sending the request costs little); for rows of several clients the loop is simulated, with the
 * batching of the given configuration, inside a search by the downhill simplex method.
 *
 * @throws InputError with every row that cannot be used
 */
export function fitFromSummaries(
  observations: readonly SummaryObservation[],
  setup: SummarySetup,
  options: SummaryFitOptions = {},
): SummaryFit {
  checkObservations(observations, setup, options.places);
  const { onProgress } = options;
  const form = serviceForm(observations, setup);
  const names = freeNames(form, observations, setup);
  const spread: SummarySpread = { service: spreadOf(observations), handlerCv: HANDLER_CV };
  const parametersAt = (values: Values) => toParameters(values, form, { observations, setup });
  const misfitAt = (values: Values) => misfit(residuals(parametersAt(values), setup, spread, observations));

  const values = search({ names, observations, setup, misfitAt, onProgress });
  const parameters = parametersAt(values);
  const rows = residuals(parameters, setup, spread, observations);
  const fit = fitSummary(rows);
  const uncertain = [
    ...strangeRows(fit),
    ...uncertainties({ names, values, misfitAt, observations, setup, form }),
  ];
  const provenance = { ...options.provenance, notes: notesOf(options, uncertain) };
  return {
    profile: summaryProfile(parameters, setup, spread, { provenance }, fit),
    server: { network: summaryNetwork(parameters, setup.payload), protocol: setup.protocol },
    parameters,
    spread,
    residuals: rows,
    misfit: misfit(rows),
    uncertain,
  };
}

interface Search {
  readonly names: readonly Name[];
  readonly observations: readonly SummaryObservation[];
  readonly setup: SummarySetup;
  readonly misfitAt: (values: Values) => number;
  readonly onProgress: SummaryFitOptions['onProgress'] | undefined;
}

/** A wide simplex first, a narrow one from where it ended; the best of several starts. */
function search({ names, observations, setup, misfitAt, onProgress }: Search): Values {
  const valuesAt = (logs: readonly number[]): Values => ({
    ...NEUTRAL,
    ...Object.fromEntries(names.map((name, i) => [name, Math.exp(logs[i]!)])),
  });
  // Where the network delay is not searched there is only one way to divide it.
  const shares = names.includes('handlerMs') ? HANDLER_SHARES : HANDLER_SHARES.slice(0, 1);
  let best: Vertex | undefined;
  for (const [i, share] of shares.entries()) {
    let step = 0;
    const f = (logs: readonly number[]) => {
      onProgress?.({ search: i + 1, of: shares.length, step: ++step });
      return misfitAt(valuesAt(logs));
    };
    const guess = firstGuess(observations, setup, share);
    const start = names.map((name) => Math.log(guess[name]));
    const wide = nelderMead(f, start, { step: 0.3, maxIterations: 40 * names.length, tolerance: 1e-3 });
    const end = nelderMead(f, wide.at, { step: 0.1, maxIterations: 25 * names.length, tolerance: 1e-4 });
    if (best === undefined || end.value < best.value) best = end;
  }
  return valuesAt(best!.at);
}

function notesOf({ provenance }: SummaryFacts, uncertain: readonly string[]): string {
  return [provenance?.notes, 'Fitted to a table of closed-loop results.', ...uncertain]
    .filter((sentence) => sentence !== undefined && sentence !== '')
    .join(' ')
    .slice(0, LONGEST_TEXT);
}
