import { groupBy } from '../base/group-by.js';
import type { GpuReading } from '../live/server-metrics.js';
import type { ModelProfile } from '../profile/profile.js';
import type { LeftOutPoint } from './calibrate.js';
import type { ModelFit } from './fit/facts.js';
import type { CalibrationFit } from './fit/fit-profiles.js';
import type { PairFit } from './fit/interference/interference.js';
import { tenths } from './fit/rounding.js';

/** The fit report for people: what was measured, how well the profile gives it back, what is uncertain. */
export function fitToText(fit: CalibrationFit, leftOut: readonly LeftOutPoint[]): string {
  const { serving } = fit;
  const lines = [
    ...fit.models.flatMap((model, i) => [...modelLines(model, fit.profiles[i]!), '']),
    `threads: the batcher and an idle instance wake in ${serving.instanceWakeUs} us each; the batcher wins ${percent(serving.batcherWinsShare)} of the races`,
    ...(serving.threadWaits === undefined
      ? []
      : [
          `of the threads that wake while executions compute ${percent(serving.threadWaits.share)} wait for a core, up to ${(serving.threadWaits.longestUs / 1000).toFixed(1)} ms`,
        ]),
    ...fit.pairs.map(pairLine),
    ...fit.uncertain.map((what) => `uncertain: ${what}`),
    ...unidentifiedLines(fit.unidentified),
    ...leftOutLines(leftOut),
  ];
  return `${lines.join('\n')}\n`;
}

/** One line for each parameter and reason, with the models of which it is not known. */
function unidentifiedLines(unidentified: CalibrationFit['unidentified']): string[] {
  const groups = groupBy(unidentified, ({ parameter, why }) => `${parameter} ${why}`);
  return [...groups.values()].map((group) => {
    const models = group.flatMap(({ model }) => model ?? []).join(', ');
    return `not identified: ${group[0]!.parameter}${models === '' ? '' : ` of ${models}`}: ${group[0]!.why}`;
  });
}

/** Points for which there was no time may be hundreds; why others were not measured must not drown in them. */
function leftOutLines(leftOut: readonly LeftOutPoint[]): string[] {
  const withReason = leftOut.filter(({ reason }) => reason !== undefined);
  const untimely = leftOut.filter(({ reason }) => reason === undefined).map(({ id }) => id);
  return [
    ...withReason.map(({ id, reason }) => `not measured: ${id} (${reason})`),
    ...(untimely.length === 0
      ? []
      : [`not measured for lack of time, ${untimely.length}: ${untimely.join(', ')}`]),
  ];
}

function pairLine({ model, other, slowdown, otherSlowdown, turns }: PairFit): string {
  if (turns) return `${model} beside ${other}: they take turns`;
  return `${model} beside ${other}: ${slowdown} times as long; ${other} ${otherSlowdown} times`;
}

function pauseLines({ warmUpState, speedDrift }: Pick<ModelProfile, 'warmUpState' | 'speedDrift'>): string[] {
  return [
    ...(speedDrift === undefined
      ? []
      : [
          `  the machine is slower and faster for a while: by ${percent(speedDrift.cv)} (standard deviation), forgotten with a time constant of ${speedDrift.timeConstantMs} ms`,
        ]),
    ...(warmUpState === undefined
      ? []
      : [
          `  an instance that executed little lately: down to ${percent(warmUpState.coldSpeed)} of the speed; it warms up and cools down with a time constant of ${warmUpState.timeConstantMs} ms`,
        ]),
  ];
}

function gpuLine({ uuid, utilization, powerWatts, memoryUsedBytes }: GpuReading): string {
  const parts = [
    ...(utilization === undefined ? [] : [`${percent(utilization)} busy`]),
    ...(powerWatts === undefined ? [] : [`${tenths(powerWatts)} W`]),
    ...(memoryUsedBytes === undefined ? [] : [`${tenths(memoryUsedBytes / 2 ** 20)} MiB in use`]),
  ];
  return `  ${uuid} while saturated: ${parts.join(', ')}`;
}

function modelLines(
  { model, networkDelay, residuals, replays, gpus = [] }: ModelFit,
  { serving, response, ...pauses }: ModelProfile,
): string[] {
  const worst = residuals.map(({ measuredUs, fittedUs }) => Math.abs(fittedUs / measuredUs - 1));
  return [
    model,
    worst.length === 0
      ? '  service times under load: not measured; those of one client are taken'
      : `  service times under load: ${worst.length} batch sizes, worst residual ${percent(Math.max(...worst))}`,
    `  network delay, both directions: ${networkDelayText(networkDelay)}, and ${networkDelay.generatorUs} us in this load generator`,
    `  after an execution its instance goes on in ${response.fixedUs} us${response.releaseUs === undefined ? '' : `, and ${response.releaseUs} us for each of its requests`}`,
    ...pauseLines(pauses),
    ...(serving?.requestCpuUs === undefined
      ? []
      : [
          `  core time of a request besides its execution: ${serving.requestCpuUs} us, and ${serving.clientCpuUs ?? 0} us of its client; of an execution besides what it computes: ${serving.executionCpuUs ?? 0} us`,
        ]),
    ...gpus.map(gpuLine),
    ...replays.map(({ id, measured, predicted, heldOut }) => {
      const cells = (['meanUs', 'p50Us', 'p95Us', 'p99Us'] as const).map(
        (key) =>
          `${key.slice(0, -2)} ${(measured[key] / 1000).toFixed(2)} -> ${(predicted[key] / 1000).toFixed(2)} ms (${signed(predicted[key] / measured[key] - 1)})`,
      );
      return `  ${id}${heldOut ? ', held out' : ''}: ${cells.join(', ')}`;
    }),
  ];
}

function networkDelayText({
  requestDelayUs,
  responseDelayUs,
  networkDelayByRate,
}: ModelFit['networkDelay']): string {
  if (networkDelayByRate === undefined) return `${tenths(requestDelayUs + responseDelayUs)} us`;
  const atRates = networkDelayByRate.map(
    (rated) =>
      `${tenths(rated.requestDelayUs + rated.responseDelayUs)} us at ${Math.round(rated.requestsPerS)} requests/s`,
  );
  return atRates.join(', ');
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function signed(share: number): string {
  return `${share < 0 ? '' : '+'}${percent(share)}`;
}
