import type { CalibrationFit, ModelFit } from './fit/fit-profiles.js';

/** The fit report for people: what was measured, how well the profile gives it back, what is uncertain. */
export function fitToText(fit: CalibrationFit, leftOut: readonly string[]): string {
  const { serving } = fit;
  const lines = [
    ...fit.models.flatMap((model) => [...modelLines(model), '']),
    `threads: batcher wakes in ${serving.batcherWakeUs} us, an idle instance in ${serving.instanceWakeUs} us; the batcher wins ${percent(serving.batcherWinsShare)} of the races, ${percent(serving.lateBindingWinsShare ?? serving.batcherWinsShare)} where payloads are bound late`,
    ...fit.pairs.map(
      ({ model, other, slowdown, otherSlowdown, turns }) =>
        `${model} beside ${other}: ${turns ? 'they take turns' : `${slowdown} times as long; ${other} ${otherSlowdown} times`}`,
    ),
    ...fit.uncertain.map((what) => `uncertain: ${what}`),
    ...leftOut.map((id) => `not measured: ${id}`),
  ];
  return `${lines.join('\n')}\n`;
}

function modelLines({ model, way, residuals, replays }: ModelFit): string[] {
  const worst = residuals.map(({ measuredUs, fittedUs }) => Math.abs(fittedUs / measuredUs - 1));
  return [
    model,
    `  service times under load: ${residuals.length} batch sizes, worst residual ${percent(Math.max(0, ...worst))}`,
    `  way to the server and back: ${round(way.requestDelayUs + way.responseDelayUs)} us, and ${way.generatorUs} us in this load generator`,
    ...replays.map(({ id, measured, predicted, heldOut }) => {
      const cells = (['meanUs', 'p50Us', 'p95Us', 'p99Us'] as const).map(
        (key) =>
          `${key.slice(0, -2)} ${(measured[key] / 1000).toFixed(2)} -> ${(predicted[key] / 1000).toFixed(2)} ms (${signed(predicted[key] / measured[key] - 1)})`,
      );
      return `  ${id.slice(model.length + 1)}${heldOut ? ', held out' : ''}: ${cells.join(', ')}`;
    }),
  ];
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function signed(share: number): string {
  return `${share < 0 ? '' : '+'}${percent(share)}`;
}

function round(us: number): number {
  return Math.round(us * 10) / 10;
}
