import { LiveError, type ModelStatistics } from '../live/inference-client.js';

/** Not the server failed: somebody else works with what is measured. */
export class SomebodyElse extends LiveError {
  constructor(message: string, remedy: string) {
    super('server', message, remedy);
  }
}

/** A model is served otherwise than when the calibration began: no point can be added to those measured. */
export class ModelChanged extends SomebodyElse {
  constructor(model: string) {
    super(
      `"${model}" was loaded under another configuration, or in another version, meanwhile`,
      'load it as it was, or calibrate it anew into another folder',
    );
  }
}

/** Requests beyond those that were sent that are no sign of somebody else: of a monitor, or of the warm-up and counted late. */
const LEAST_REQUESTS = 5;
/** The same as a part of those that were sent. */
const LEAST_SHARE = 0.05;

/**
 * Makes sure that nobody else used the models while a point was measured: what the server counts is then not of the load that was
 * sent.
 * @param answersOf how many requests to a model may have been counted: the answers, and what was still open
 * @throws SomebodyElse that names the model
 */
export function requireNobodyElse(
  statistics: readonly ModelStatistics[],
  answersOf: (model: string) => number,
): void {
  for (const { model, success } of statistics) {
    const own = answersOf(model);
    const foreign = success.count - own;
    if (foreign <= LEAST_REQUESTS || foreign <= LEAST_SHARE * own) continue;
    throw new SomebodyElse(
      `the server counted ${success.count} requests to "${model}" where ${own} were sent: somebody else uses it`,
      'calibrate while nobody else sends to the server, another calibration included',
    );
  }
}
