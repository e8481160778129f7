import { mean, sum } from 'simple-statistics';
import { misfit, type Residual, residuals } from '../../src/calibrate/summary/misfit.js';
import { nelderMead } from '../../src/calibrate/summary/nelder-mead.js';
import { isSolo, type ServedTable } from '../../src/calibrate/summary/observation.js';
import { HANDLER_CV, spreadOf } from '../../src/calibrate/summary/spread.js';
import { isLargePayload, isSplit, perInference, soloRows } from '../../src/calibrate/summary/table-rows.js';
import { kilobytesOf, parametersUnder, type SharedFrontEnd, soloSlopeMs } from './front-end.js';

/** A front end, and every table under it. */
export interface FrontEndFit {
  readonly frontEnd: SharedFrontEnd;
  /** Rows of several clients that took part beside what the fit says of them; predicted intervals go by how well they are described. */
  readonly residuals: readonly Residual[];
  /** Sum over the tables. */
  readonly misfit: number;
}

/** What is taken where no table tells it: bytes pass one after another at 2 GB/s, about what one thread reads of a local socket. */
export const NEUTRAL: SharedFrontEnd = {
  serialMsPerKb: 5e-4,
  parallelMsPerKb: 1e-4,
  inputMsPerKb: 1e-4,
  responseMs: 0.005,
  roundTripMs: 0.2,
};

/** Share of the network delay that takes one request after another, from which the search starts. */
const SERIAL_SHARE = 0.5;

type Name = keyof SharedFrontEnd;

/**
 * The one front end under which the simulator shows the rows of several clients of all tables together. Service
 * times do not take part: under any front end they follow from each table's own rows of one client
 * ({@link parametersUnder}). Search by the downhill simplex method.
 *
 * @param tables of one machine; rows of several clients must split their latency
 */
export function fitFrontEnd(tables: readonly ServedTable[]): FrontEndFit {
  const fitted = tables.filter(({ observations }) => observations.some((row) => !isSolo(row)));
  const names = freeNames(fitted);
  const misfitAt = (frontEnd: SharedFrontEnd) => underFrontEnd(frontEnd, fitted).misfit;
  const frontEndAt = (logs: readonly number[]): SharedFrontEnd => {
    const values = Object.fromEntries(names.map((name, i) => [name, Math.exp(logs[i]!)]));
    return { ...NEUTRAL, ...values };
  };
  const f = (logs: readonly number[]) => misfitAt(frontEndAt(logs));
  const frontEnd = fitted.length === 0 ? NEUTRAL : frontEndAt(lowest(f, fitted, names));
  return underFrontEnd(frontEnd, tables);
}

/** What a front end that is known says of the tables. */
export function underFrontEnd(frontEnd: SharedFrontEnd, tables: readonly ServedTable[]): FrontEndFit {
  const ofTables = tables.map((table) => residualsUnder(frontEnd, table));
  return { frontEnd, residuals: ofTables.flat(), misfit: sum(ofTables.map(misfit)) };
}

/** A wide simplex first, a narrow one from where it ended. */
function lowest(
  f: (logs: readonly number[]) => number,
  tables: readonly ServedTable[],
  names: readonly Name[],
): readonly number[] {
  const guess = firstGuess(tables);
  const start = names.map((name) => Math.log(guess[name]));
  const wide = nelderMead(f, start, { step: 0.5, maxIterations: 20 * names.length, tolerance: 1e-3 });
  return nelderMead(f, wide.at, { step: 0.15, maxIterations: 12 * names.length, tolerance: 1e-3 }).at;
}

function residualsUnder(frontEnd: SharedFrontEnd, table: ServedTable): readonly Residual[] {
  const { setup, observations } = table;
  const spread = { service: spreadOf(observations), handlerCv: HANDLER_CV };
  const loops = observations.filter((row) => !isSolo(row));
  return residuals(parametersUnder(frontEnd, table), setup, spread, loops);
}

/** What the tables can tell. */
function freeNames(tables: readonly ServedTable[]): readonly Name[] {
  const whole = tables.filter(({ observations }) => !isSplit(soloRows(observations)));
  const unseen = new Set<Name>();
  if (!whole.some(({ setup }) => isLargePayload(setup))) unseen.add('inputMsPerKb');
  if (whole.length === 0) unseen.add('roundTripMs');
  return (Object.keys(NEUTRAL) as Name[]).filter((name) => !unseen.has(name));
}

/** Execution by the rows of most clients; what lone requests need beyond it is the network delay. */
function firstGuess(tables: readonly ServedTable[]): SharedFrontEnd {
  const large = tables.filter(({ setup }) => isLargePayload(setup));
  if (large.length === 0) return NEUTRAL;
  const told = large.map(({ setup, observations }) => {
    const busiest = [...observations].sort((a, b) => b.concurrency - a.concurrency)[0]!;
    const slopeMs = soloSlopeMs(soloRows(observations));
    const { input, total } = perInference(busiest, setup);
    const kilobytes = kilobytesOf(setup);
    return {
      inputMs: input / kilobytes,
      networkDelayMs: Math.max(0.1 * slopeMs, slopeMs - total) / kilobytes,
    };
  });
  const networkDelayMs = mean(told.map((each) => each.networkDelayMs));
  return {
    ...NEUTRAL,
    serialMsPerKb: networkDelayMs * SERIAL_SHARE,
    parallelMsPerKb: networkDelayMs * (1 - SERIAL_SHARE),
    inputMsPerKb: mean(told.map((each) => each.inputMs)),
  };
}
