import type { Table } from '../seed/tables.js';
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

/** GPUs under the assumption of the source, beside what the source needed. */
export function halfSloTable(answers: readonly SetAnswer[]): Table {
  return {
    head: ['set', 'models', 'requests/s', 'ParvaGPU', 'perseus', 'compute slices alone', 'proved'],
    rows: answers.map(({ set, half }) => [
      set.name,
      String(set.demands.length),
      String(set.demands.reduce((sum, { ratePerS }) => sum + ratePerS, 0)),
      String(set.parvaGpuGpus ?? ''),
      half.cover.gpus.length === 0
        ? `none: ${half.cover.unservable.join(', ')}`
        : String(half.cover.gpus.length),
      Number.isFinite(half.sliceBoundGpus) ? String(half.sliceBoundGpus) : '',
      half.cover.status === 'optimal' ? 'fewest' : half.cover.status,
    ]),
  };
}

/** What Poisson arrivals make of those placements, and what it takes to meet every SLO. */
export function poissonTable(answers: readonly SetAnswer[]): Table {
  return {
    head: [
      'set',
      'half-SLO GPUs',
      'models that miss p99: split',
      'pooled',
      'pooled, roomiest',
      'worst model (split)',
      'requests in time % (split)',
      'GPUs that keep every p99',
      'bound',
      'gap %',
    ],
    rows: answers.map(({ set, half, tried, p99, boundGpus }) => {
      const split = tried.find(({ name }) => name === 'fewest');
      return [
        set.name,
        half.cover.gpus.length === 0 ? 'none' : String(half.cover.gpus.length),
        ...TRIED.map((name) => missingText(tried.find((one) => one.name === name))),
        split === undefined ? '' : worstText(split),
        split === undefined ? '' : percent(overallAttainment(split)),
        p99 === undefined ? 'none' : String(p99.gpus.length),
        Number.isFinite(boundGpus) ? String(boundGpus) : '',
        p99 === undefined ? '' : gapPercent(p99.gpus.length, boundGpus).toFixed(0),
      ];
    }),
  };
}

/** Half-SLO placements in the order of the columns. */
export const TRIED: readonly PlacementName[] = ['fewest', 'fewest, pooled', 'roomiest, pooled'];

function missingText(placement: TriedPlacement | undefined): string {
  if (placement === undefined) return '';
  const missing = placement.models.filter(({ met }) => !met).length;
  return `${missing} of ${placement.models.length} (${(100 * shareMissing(placement)).toFixed(0)} %)`;
}

function worstText(placement: TriedPlacement): string {
  const { model, attainment } = worstModel(placement);
  return `${model}: ${percent(attainment.value)} % in time`;
}

function percent(share: number): string {
  return (100 * share).toFixed(share > 0.999 ? 2 : 1);
}

/** What one GPU completes of one tenant and of two, and what two save at best. */
export function seedTable(answers: readonly SeedAnswer[]): Table {
  return {
    head: [
      'GPU',
      '$/h',
      'ResNet-50 alone /s',
      'Inception-V3 alone /s',
      'largest saving %',
      'at ResNet-50 share %',
      'mean saving %',
      'pays (over 1 %) at shares %',
    ],
    rows: answers.map(({ gpu, usdPerHour, frontier, mixes }) => {
      const best = mixes.reduce((a, b) => (savingPercent(b) > savingPercent(a) ? b : a));
      const mean = mixes.reduce((sum, mix) => sum + savingPercent(mix), 0) / mixes.length;
      return [
        gpu.name,
        usdPerHour.toFixed(3),
        Math.max(...frontier.map(({ resnet50 }) => resnet50)).toFixed(1),
        Math.max(...frontier.map((rates) => rates['inception-v3'])).toFixed(1),
        savingPercent(best).toFixed(1),
        (100 * best.resnet50Share).toFixed(0),
        mean.toFixed(1),
        payingText(mixes),
      ];
    }),
  };
}

/** Shares of ResNet-50 between which sharing saves more than one in a hundred. */
function payingText(mixes: SeedAnswer['mixes']): string {
  const paying = mixes.filter((mix) => savingPercent(mix) > 1).map((mix) => 100 * mix.resnet50Share);
  return paying.length === 0 ? 'none' : `${paying[0]!.toFixed(0)} to ${paying.at(-1)!.toFixed(0)}`;
}

/** Whole GPUs: what sharing saves of a fleet that serves a load. */
export function fleetTable(answers: readonly SeedAnswer[]): Table {
  return {
    head: ['GPU', 'inferences/s', 'mean saving %', 'largest %', 'mixes in which it saves a GPU'],
    rows: answers.flatMap(({ gpu, mixes, fleets }) =>
      fleets.map((fleet) => [
        gpu.name,
        String(fleet.inferencesPerS),
        (100 * fleet.meanSaving).toFixed(1),
        (100 * fleet.largestSaving).toFixed(1),
        `${fleet.mixesThatSave} of ${mixes.length}`,
      ]),
    ),
  };
}

/** The paper's points beside the prediction at the same mix. */
export function paperTable({ paper, mixes }: SeedAnswer): Table {
  return {
    head: ['ResNet-50 share %', 'paper saves %', 'predicted %'],
    rows: paper.map((point) => [
      (100 * point.resnet50Share).toFixed(1),
      savingPercent(point).toFixed(1),
      savingPercent(nearest(mixes, point.resnet50Share)).toFixed(1),
    ]),
  };
}

function nearest(mixes: SeedAnswer['mixes'], share: number) {
  const distance = (mix: { resnet50Share: number }) => Math.abs(mix.resnet50Share - share);
  return mixes.reduce((a, b) => (distance(b) < distance(a) ? b : a));
}
