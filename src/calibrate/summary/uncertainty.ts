import { max, mean } from 'simple-statistics';
import { plural } from '../../base/plural.js';
import type { FitSummary } from '../../profile/profile.js';
import type { Name, ServiceForm, Values } from './coordinates.js';
import { type Residual, toldBy } from './misfit.js';
import { isSolo, type SummaryObservation, type SummarySetup } from './observation.js';

/** A value that can be this many times larger or smaller without the fit getting worse is not told by it. */
const FACTOR = 1.5;

/** Worse: the misfit grows by this share, and by this much at least. */
const WORSE_SHARE = 0.05;
const WORSE = 0.01;

const MEANING: Readonly<Record<Name, string>> = {
  inferFixedMs: 'the part of the inference time that does not grow with the batch',
  inferMs: 'the inference time of one more inference in a batch',
  inputMs: 'the time for copying inputs',
  outputMs: 'the time for copying outputs',
  responseMs: 'the time for building a response',
  handlerMs: "a front-end thread's time for a request",
  linkMs: 'the bandwidth of the network',
  roundTripMs: 'the network delay',
  slowdownExcess: 'the slowdown of two instances side by side',
};

export interface UncertaintyInput {
  readonly names: readonly Name[];
  readonly values: Values;
  readonly misfitAt: (values: Values) => number;
  readonly observations: readonly SummaryObservation[];
  readonly setup: SummarySetup;
  readonly form: ServiceForm;
}

/** What the table leaves open, in sentences for people. */
export function uncertainties(input: UncertaintyInput): readonly string[] {
  return [...openValues(input), ...assumptions(input)];
}

/** Means of rows differ by some percent from measurement to measurement; no model is this far off of what was measured of it. */
const STRANGE_PERCENT = 20;

const SERVED_OTHERWISE =
  'the model was served otherwise than it is taken to have been; its config.pbtxt (--config) tells queue delay, preferred batch sizes, instances, and the gpus that they are on.';

/** Rows that no service time explains: something else decided how long requests took. */
export function strangeRows({ meanErrorPercent, maxErrorPercent }: FitSummary): readonly string[] {
  if (meanErrorPercent > STRANGE_PERCENT)
    return [
      `The rows are given back within ${Math.round(meanErrorPercent)} % only: the profile is not to be relied on. Most likely ${SERVED_OTHERWISE}`,
    ];
  if (maxErrorPercent > STRANGE_PERCENT)
    return [
      `A row is missed by ${Math.round(maxErrorPercent)} %: do not rely on the profile at loads like that one. Measure that row again; if it stays, ${SERVED_OTHERWISE}`,
    ];
  return [];
}

/** One value at a time, the others held: a fit that could trade two against each other knows even less. */
function openValues({ names, values, misfitAt }: UncertaintyInput): readonly string[] {
  const reached = misfitAt(values);
  const worse = reached + Math.max(WORSE, WORSE_SHARE * reached);
  return names
    .filter((name) =>
      [FACTOR, 1 / FACTOR].some((factor) => misfitAt({ ...values, [name]: values[name] * factor }) < worse),
    )
    .map((name) => `The table does not determine ${MEANING[name]}.`);
}

function assumptions({ names, observations, setup, form }: UncertaintyInput): readonly string[] {
  const loops = observations.some((row) => !isSolo(row));
  const overloads = observations.filter(({ overload }) => overload !== undefined).length;
  const sentences = [
    overloads > 0 &&
      `${overloads} of the request rates ${plural(overloads, 'was', 'were')} more than was answered: clients stand for ${plural(overloads, 'it', 'them')}, as many as were in flight.`,
    form === 'whole' &&
      'The rows of one client do not split the latency: all but what is outside counts as inference.',
    form === 'line' &&
      'Neither service nor sending is measured alone: they are told apart by how they grow with the batch and the clients.',
    !loops && 'Only one client: how requests wait and hinder each other was not measured.',
    setup.instances > 1 &&
      !names.includes('slowdownExcess') &&
      'What instances side by side cost each other was not measured.',
    setup.payload.requestBytes === 0 &&
      'The size of the requests is not known: reading one is taken to cost the same, however many inferences it has.',
  ];
  return sentences.filter((sentence): sentence is string => sentence !== false);
}

/** How far the fit is from the throughputs of the table, in open loops from the mean latencies. */
export function fitSummary(rows: readonly Residual[]): FitSummary {
  const errors = rows.map(
    ({ observed, predicted }) => 100 * Math.abs(toldBy(predicted) / toldBy(observed) - 1),
  );
  return {
    method: 'simulated closed loops against the throughput and split of a table',
    points: rows.length,
    heldOut: 0,
    meanErrorPercent: Number(mean(errors).toFixed(4)),
    maxErrorPercent: Number(max(errors).toFixed(4)),
  };
}
