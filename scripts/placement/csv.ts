import { roundNumber } from '../../src/base/round-number.js';
import { slicePositions } from './positions.js';
import {
  gapPercent,
  overallAttainment,
  type PlacementName,
  type SetAnswer,
  shareMissing,
  type TriedPlacement,
  worstModel,
} from './reproduction.js';
import { savingPercent } from './seed-figures.js';
import type { SeedAnswer } from './seed-question.js';
import { TRIED } from './tables.js';

/** One row for each set, as CSV. */
export function setsCsv(answers: readonly SetAnswer[]): string {
  const of = (tried: readonly TriedPlacement[], name: PlacementName): readonly (string | number)[] => {
    const placement = tried.find((one) => one.name === name);
    return placement === undefined
      ? ['', '', '']
      : [shareMissing(placement), overallAttainment(placement), worstModel(placement).attainment.value];
  };
  const columns = TRIED.flatMap((name) =>
    ['missing_share', 'attainment', 'worst_attainment'].map((what) => `${name.replace(/, /g, '_')}_${what}`),
  );
  return csv(
    [
      'set',
      'parvagpu_gpus',
      'half_slo_gpus',
      'compute_slice_bound_gpus',
      ...columns,
      'p99_gpus',
      'p99_bound_gpus',
      'p99_gap_percent',
    ],
    answers.map(({ set, half, tried, p99, boundGpus }): readonly (string | number)[] => [
      set.name,
      set.parvaGpuGpus ?? '',
      half.cover.gpus.length,
      half.sliceBoundGpus,
      ...TRIED.flatMap((name) => of(tried, name)),
      p99?.gpus.length ?? '',
      boundGpus,
      p99 === undefined ? '' : gapPercent(p99.gpus.length, boundGpus),
    ]),
  );
}

/** One row for each model of each placement, as CSV. */
export function modelsCsv(answers: readonly SetAnswer[]): string {
  return csv(
    [
      'set',
      'placement',
      'routing',
      'model',
      'requests_per_s',
      'slo_p99_ms',
      'p99_ms',
      'attainment',
      'attainment_low',
      'attainment_high',
      'met',
    ],
    answers.flatMap(({ set, tried, p99 }) =>
      [...tried, ...(p99 === undefined ? [] : [p99])].flatMap(({ name, models }) =>
        models.map(({ routing, model, ratePerS, limitMs, p99Ms, attainment, met }) => [
          set.name,
          name.replace(/, /g, ' '),
          routing,
          model,
          ratePerS,
          limitMs,
          Number.isFinite(p99Ms) ? p99Ms : '',
          attainment.value,
          attainment.low,
          attainment.high,
          String(met),
        ]),
      ),
    ),
  );
}

/** One row for each slice of each placement, as CSV; `memory_slice` is where it begins on the GPU. */
export function slicesCsv(answers: readonly SetAnswer[]): string {
  return csv(
    ['set', 'placement', 'gpu', 'slice', 'memory_slice', 'model', 'batch_size', 'processes', 'takes_per_s'],
    answers.flatMap(({ set, tried, p99 }) =>
      [...tried.filter(({ name }) => name !== 'fewest, pooled'), ...(p99 === undefined ? [] : [p99])].flatMap(
        ({ name, gpus, serveOn }) =>
          gpus.flatMap(({ slices }, gpu) => {
            const starts = slicePositions(slices.map(({ slice }) => slice))!;
            return slices.map(({ slice, model }, i) => {
              const place = [set.name, name.replace(/, /g, ' '), gpu + 1, slice, starts[i]!];
              if (model === undefined) return [...place, '', '', '', ''];
              const served = serveOn(set.demands.find((demand) => demand.model === model)!, slice);
              return [...place, model, served.cell.batchSize, served.cell.processes, served.perS];
            });
          }),
      ),
    ),
  );
}

/** One row for each GPU and mix, as CSV. */
export function mixesCsv(answers: readonly SeedAnswer[]): string {
  return csv(
    [
      'gpu',
      'kind',
      'resnet50_share',
      'one_tenant_usd_per_million',
      'two_tenants_usd_per_million',
      'best_usd_per_million',
      'two_tenants_save_percent',
    ],
    answers.flatMap(({ gpu, mixes, paper }) =>
      [
        ...mixes.map((mix) => ['predicted', mix] as const),
        ...paper.map((mix) => ['paper', mix] as const),
      ].map(([kind, mix]) => [
        gpu.name,
        kind,
        mix.resnet50Share,
        mix.dedicatedUsd,
        mix.togetherUsd,
        mix.bestUsd,
        savingPercent(mix),
      ]),
    ),
  );
}

function csv(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const cells = rows.map((row) =>
    row.map((cell) => (typeof cell === 'number' ? roundNumber(cell) : cell)).join(','),
  );
  return `${[head.join(','), ...cells].join('\n')}\n`;
}
