import { powersUpTo } from '../../base/powers-up-to.js';
import type { ServicePoint } from '../../profile/profile.js';
import { totalMs } from '../../profile/service-time.js';
import { isSolo, type ServedTable, type SummaryObservation, type SummarySetup } from './observation.js';
import type { SummaryParameters } from './parameters.js';
import { isLargePayload, isSplit, serviceMs, soloRows, splitPoint, tablePoint } from './table-rows.js';

/** Names of what a fit may move; each is above 0 and searched by its logarithm. */
const NAMES = [
  'inferFixedMs',
  'inferMs',
  'inputMs',
  'outputMs',
  'responseMs',
  'handlerMs',
  'linkMs',
  'roundTripMs',
  'slowdownExcess',
] as const;
export type Name = (typeof NAMES)[number];
export type Values = Readonly<Record<Name, number>>;

/**
 * How the service time is told:
 * - `split`: the solo rows split their latency, so they are the service times;
 * - `whole`: they do not, but the payload is small: all but what is outside is inference;
 * - `line`: they do not, and sending the payload is a good part of them, or they do not cover the batches that
 *   the server forms: a straight line takes part in the fit.
 */
export type ServiceForm = 'split' | 'whole' | 'line';

/** No more than three times as long beside one other instance: beyond it a search has lost its way. */
export const MOST_EXCESS = 3;

/** In which form service times are fitted: as much of them as the rows can tell. */
export function serviceForm(observations: readonly SummaryObservation[], setup: SummarySetup): ServiceForm {
  const solo = observations.filter(isSolo);
  const sizes = new Set(solo.map(({ requestBatch }) => requestBatch));
  const forms = formsBatches(setup);
  // Of one batch size no other follows, and several clients make the server form others.
  const others = forms && sizes.size === 1 && observations.length > solo.length;
  if (sizes.size === 0 || others) return 'line';
  if (isSplit(solo)) return 'split';
  const separable = observations.some((row) => !isSolo(row) && row.splitMs !== undefined);
  return isLargePayload(setup) && separable ? 'line' : 'whole';
}

function formsBatches({ config }: SummarySetup): boolean {
  return config.dynamicBatching !== undefined && config.maxBatchSize > 1;
}

/** Batch sizes for which a line is told by the rows: what was sent, and what the server can have made of it. */
function executedSizes(observations: readonly SummaryObservation[], setup: SummarySetup): readonly number[] {
  if (!formsBatches(setup))
    return [...new Set(observations.map((row) => row.requestBatch))].sort((a, b) => a - b);
  const most = observations.reduce((largest, { concurrency, openLoop, requestBatch }) => {
    const inFlight = openLoop === undefined ? concurrency * requestBatch : Infinity;
    return Math.max(largest, inFlight);
  }, 1);
  return powersUpTo(Math.min(most, setup.config.maxBatchSize));
}

/** What the fit moves: the rest is given, or is told by the rows themselves. */
export function freeNames(
  form: ServiceForm,
  observations: readonly SummaryObservation[],
  setup: SummarySetup,
): readonly Name[] {
  const { instances } = setup;
  const loops = observations.some((row) => !isSolo(row));
  const unseen = new Set<Name>(form === 'line' ? [] : LINE_NAMES);
  if (!loops || instances === 1) unseen.add('slowdownExcess');
  if (!loops) for (const name of ['responseMs', 'handlerMs', 'linkMs'] as const) unseen.add(name);
  if (!loops && form === 'whole') unseen.add('roundTripMs');
  if (form === 'line' && executedSizes(observations, setup).length === 1) unseen.add('inferFixedMs');
  return NAMES.filter((name) => !unseen.has(name));
}

const LINE_NAMES: readonly Name[] = ['inferFixedMs', 'inferMs', 'inputMs', 'outputMs'];

/** Values as parameters; a table is made of the solo rows and what these values say is outside of them. */
export function toParameters(
  values: Values,
  form: ServiceForm,
  { observations, setup }: ServedTable,
): SummaryParameters {
  const { inferFixedMs, inferMs, inputMs, outputMs, slowdownExcess, ...outside } = values;
  return {
    ...outside,
    slowdownExcess: Math.min(MOST_EXCESS, slowdownExcess),
    service:
      form === 'line'
        ? {
            kind: 'line',
            sizes: executedSizes(observations, setup),
            inferFixedMs,
            inferMs,
            inputMs,
            outputMs,
          }
        : { kind: 'table', points: tablePoints(values, form, { observations, setup }) },
  };
}

function tablePoints(
  values: Values,
  form: Exclude<ServiceForm, 'line'>,
  { observations, setup }: ServedTable,
): readonly ServicePoint[] {
  return soloRows(observations).map((row) => {
    if (form === 'split') return splitPoint(row);
    const inferMs = serviceMs(row, outsideMs(values, row.requestBatch, setup));
    return tablePoint(row.requestBatch, { inputMs: 0, inferMs, outputMs: 0 });
  });
}

/**
 * What a lone request of `batchSize` inferences spends outside of queue and compute. Reading it goes by its bytes,
 * so by its inferences; where bytes are not known a profile can only take the same for every request.
 */
function outsideMs(
  {
    roundTripMs,
    responseMs,
    handlerMs,
    linkMs,
  }: Pick<Values, 'roundTripMs' | 'responseMs' | 'handlerMs' | 'linkMs'>,
  batchSize: number,
  { payload }: Pick<SummarySetup, 'payload'>,
): number {
  const read = payload.requestBytes > 0 ? batchSize : 1;
  return roundTripMs + responseMs + read * handlerMs + batchSize * linkMs;
}

/** A lone request's latency without any wait. */
export function soloLatencyMs(
  parameters: SummaryParameters,
  batchSize: number,
  setup: Pick<SummarySetup, 'payload'>,
): number {
  const { service } = parameters;
  const compute =
    service.kind === 'line'
      ? service.inferFixedMs + batchSize * (service.inputMs + service.inferMs + service.outputMs)
      : totalMs(service.points.find((point) => point.batchSize === batchSize)!);
  return outsideMs(parameters, batchSize, setup) + compute;
}
