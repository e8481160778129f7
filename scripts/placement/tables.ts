import { sum } from 'simple-statistics';
import { roundNumber } from '../../src/base/round-number.js';
import { placesTogether } from '../../src/scenario/mig.js';
import { type Column, csvText, fields, type Table, tableOf } from '../support/table.js';
import {
  gapPercent,
  overallAttainment,
  type PlacementName,
  type PlacementReproduction,
  type SetAnswer,
  shareMissing,
  type TriedPlacement,
  worstModel,
} from './reproduction.js';
import { savingPercent } from './seed-figures.js';
import type { MixCost, SeedAnswer } from './seed-question.js';
import { A100, sliceNamed } from './slice-cover.js';

const finite = (value: number) => (Number.isFinite(value) ? value : '');

/** GPUs under the assumption of the source, beside what the source needed. */
export function halfSloTable(answers: readonly SetAnswer[]): Table {
  return tableOf(answers, [
    ['set', ({ set }) => set.name],
    ['models', ({ set }) => set.demands.length],
    ['requests/s', ({ set }) => sum(set.demands.map(({ ratePerS }) => ratePerS))],
    ['ParvaGPU', ({ set }) => set.parvaGpuGpus],
    ['perseus', ({ half: { cover } }) => cover.gpus.length || `none: ${cover.unservable.join(', ')}`],
    ['compute slices alone', ({ half }) => finite(half.sliceBoundGpus)],
    ['proved', ({ half: { cover } }) => (cover.status === 'optimal' ? 'fewest' : cover.status)],
  ]);
}

/** Half-SLO placements in the order of the columns. */
const TRIED: readonly PlacementName[] = ['fewest', 'fewest, pooled', 'roomiest, pooled'];
const TRIED_HEADS = ['models that miss p99: split', 'pooled', 'pooled, roomiest'];

function triedAs(name: PlacementName, { tried }: SetAnswer): TriedPlacement | undefined {
  return tried.find((one) => one.name === name);
}

/** What Poisson arrivals make of those placements, and what it takes to meet every SLO. */
export function poissonTable(answers: readonly SetAnswer[]): Table {
  const ofSplit = (text: (split: TriedPlacement) => string) => (answer: SetAnswer) => {
    const split = triedAs('fewest', answer);
    return split && text(split);
  };
  return tableOf(answers, [
    ['set', ({ set }) => set.name],
    ['half-SLO GPUs', ({ half }) => half.cover.gpus.length || 'none'],
    ...TRIED.map(
      (name, i): Column<SetAnswer> => [TRIED_HEADS[i]!, (answer) => missing(triedAs(name, answer))],
    ),
    [
      'worst model (split)',
      ofSplit((split) => {
        const { model, attainment } = worstModel(split);
        return `${model}: ${percent(attainment.value)} % in time`;
      }),
    ],
    ['requests in time % (split)', ofSplit((split) => percent(overallAttainment(split)))],
    ['GPUs that keep every p99', ({ p99 }) => p99?.gpus.length ?? 'none'],
    ['bound', ({ boundGpus }) => finite(boundGpus)],
    ['gap %', ({ p99, boundGpus }) => p99 && gapPercent(p99.gpus.length, boundGpus).toFixed(0)],
  ]);
}

function missing(placement: TriedPlacement | undefined): string {
  if (placement === undefined) return '';
  const late = placement.models.filter(({ met }) => !met).length;
  return `${late} of ${placement.models.length} (${(100 * shareMissing(placement)).toFixed(0)} %)`;
}

function percent(share: number): string {
  return (100 * share).toFixed(share > 0.999 ? 2 : 1);
}

/** What one GPU completes of one tenant and of two, and what two save at best. */
export function seedTable(answers: readonly SeedAnswer[]): Table {
  const best = ({ mixes }: SeedAnswer) =>
    mixes.reduce((a, b) => (savingPercent(b) > savingPercent(a) ? b : a));
  return tableOf(answers, [
    ['GPU', ({ gpu }) => gpu.name],
    ['$/h', ({ usdPerHour }) => usdPerHour.toFixed(3)],
    ['ResNet-50 alone /s', ({ alone }) => alone.resnet50.toFixed(1)],
    ['Inception-V3 alone /s', ({ alone }) => alone['inception-v3'].toFixed(1)],
    ['largest saving %', (answer) => savingPercent(best(answer)).toFixed(1)],
    ['at ResNet-50 share %', (answer) => (100 * best(answer).resnet50Share).toFixed(0)],
    ['mean saving %', ({ mixes }) => (sum(mixes.map(savingPercent)) / mixes.length).toFixed(1)],
    ['pays (over 1 %) at shares %', ({ mixes }) => payingText(mixes)],
  ]);
}

/** Shares of ResNet-50 between which sharing saves more than one in a hundred. */
function payingText(mixes: readonly MixCost[]): string {
  const paying = mixes.filter((mix) => savingPercent(mix) > 1).map((mix) => 100 * mix.resnet50Share);
  return paying.length === 0 ? 'none' : `${paying[0]!.toFixed(0)} to ${paying.at(-1)!.toFixed(0)}`;
}

/** Whole GPUs: what sharing saves of a fleet that serves a load. */
export function fleetTable(answers: readonly SeedAnswer[]): Table {
  const rows = answers.flatMap(({ gpu, mixes, fleets }) =>
    fleets.map((fleet) => ({ ...fleet, name: gpu.name, of: mixes.length })),
  );
  return tableOf(rows, [
    ['GPU', ({ name }) => name],
    ['inferences/s', ({ inferencesPerS }) => inferencesPerS],
    ['mean saving %', ({ meanSaving }) => (100 * meanSaving).toFixed(1)],
    ['largest %', ({ largestSaving }) => (100 * largestSaving).toFixed(1)],
    ['mixes in which it saves a GPU', ({ mixesThatSave, of }) => `${mixesThatSave} of ${of}`],
  ]);
}

/** The paper's points beside the prediction at the same mix. */
export function paperTable({ paper, mixes }: SeedAnswer): Table {
  const nearest = (share: number) => {
    const distance = (mix: MixCost) => Math.abs(mix.resnet50Share - share);
    return mixes.reduce((a, b) => (distance(b) < distance(a) ? b : a));
  };
  return tableOf(paper, [
    ['ResNet-50 share %', ({ resnet50Share }) => (100 * resnet50Share).toFixed(1)],
    ['paper saves %', (mix) => savingPercent(mix).toFixed(1)],
    ['predicted %', ({ resnet50Share }) => savingPercent(nearest(resnet50Share)).toFixed(1)],
  ]);
}

/** The tables of the results folder by name. */
export function csvFiles({ sets, seed }: PlacementReproduction): ReadonlyMap<string, string> {
  return new Map([
    ['sets.csv', setsCsv(sets)],
    ['models.csv', modelsCsv(sets)],
    ['slices.csv', slicesCsv(sets)],
    ['seed-mixes.csv', mixesCsv(seed)],
  ]);
}

function csv<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string {
  return csvText(tableOf(rows, columns, roundNumber));
}

const inOneWord = (name: PlacementName, blank = ' ') => name.replace(/, /g, blank);

/** One row for each set. */
function setsCsv(answers: readonly SetAnswer[]): string {
  const figures = [
    ['missing_share', shareMissing],
    ['attainment', overallAttainment],
    ['worst_attainment', (placement: TriedPlacement) => worstModel(placement).attainment.value],
  ] as const;
  return csv(answers, [
    ['set', ({ set }) => set.name],
    ['parvagpu_gpus', ({ set }) => set.parvaGpuGpus],
    ['half_slo_gpus', ({ half }) => half.cover.gpus.length],
    ['compute_slice_bound_gpus', ({ half }) => half.sliceBoundGpus],
    ...TRIED.flatMap((name) =>
      figures.map(([what, figure]): Column<SetAnswer> => {
        const cell = (answer: SetAnswer) => {
          const placement = triedAs(name, answer);
          return placement && figure(placement);
        };
        return [`${inOneWord(name, '_')}_${what}`, cell];
      }),
    ),
    ['p99_gpus', ({ p99 }) => p99?.gpus.length],
    ['p99_bound_gpus', ({ boundGpus }) => boundGpus],
    ['p99_gap_percent', ({ p99, boundGpus }) => p99 && gapPercent(p99.gpus.length, boundGpus)],
  ]);
}

function placementsOf({ tried, p99 }: SetAnswer): readonly TriedPlacement[] {
  return p99 === undefined ? tried : [...tried, p99];
}

/** One row for each model of each placement. */
function modelsCsv(answers: readonly SetAnswer[]): string {
  const rows = answers.flatMap((answer) =>
    placementsOf(answer).flatMap(({ name, models }) =>
      models.map((model) => ({ ...model, set: answer.set.name, placement: inOneWord(name) })),
    ),
  );
  return csv(rows, [
    ...fields('set', 'placement', 'routing', 'model'),
    ['requests_per_s', ({ ratePerS }) => ratePerS],
    ['slo_p99_ms', ({ limitMs }) => limitMs],
    ['p99_ms', ({ p99Ms }) => finite(p99Ms)],
    ['attainment', ({ attainment }) => attainment.value],
    ['attainment_low', ({ attainment }) => attainment.low],
    ['attainment_high', ({ attainment }) => attainment.high],
    ['met', ({ met }) => met],
  ]);
}

/** One row for each slice of each placement; `memory_slice` is where it begins on the GPU. */
function slicesCsv(answers: readonly SetAnswer[]): string {
  const rows = answers.flatMap((answer) =>
    placementsOf(answer)
      .filter(({ name }) => name !== 'fewest, pooled')
      .flatMap(({ name, gpus, serveOn }) =>
        gpus.flatMap(({ slices }, gpu) => {
          const starts = placesTogether(
            slices.map(({ slice }) => sliceNamed(slice)!),
            A100,
          )!;
          return slices.map(({ slice, model }, i) => {
            const demand = answer.set.demands.find((one) => one.model === model);
            const served = demand && serveOn(demand, slice);
            return { set: answer.set.name, name, gpu: gpu + 1, slice, start: starts[i]!, model, served };
          });
        }),
      ),
  );
  return csv(rows, [
    ['set', ({ set }) => set],
    ['placement', ({ name }) => inOneWord(name)],
    ...fields('gpu', 'slice'),
    ['memory_slice', ({ start }) => start],
    ['model', ({ model }) => model],
    ['batch_size', ({ served }) => served?.cell.batchSize],
    ['processes', ({ served }) => served?.cell.processes],
    ['takes_per_s', ({ served }) => served?.perS],
  ]);
}

/** One row for each GPU and mix. */
function mixesCsv(answers: readonly SeedAnswer[]): string {
  const rows = answers.flatMap(({ gpu, mixes, paper }) => [
    ...mixes.map((mix) => ({ ...mix, gpu: gpu.name, kind: 'predicted' })),
    ...paper.map((mix) => ({ ...mix, gpu: gpu.name, kind: 'paper' })),
  ]);
  return csv(rows, [
    ...fields('gpu', 'kind'),
    ['resnet50_share', ({ resnet50Share }) => resnet50Share],
    ['one_tenant_usd_per_million', ({ dedicatedUsd }) => dedicatedUsd],
    ['two_tenants_usd_per_million', ({ togetherUsd }) => togetherUsd],
    ['best_usd_per_million', ({ bestUsd }) => bestUsd],
    ['two_tenants_save_percent', savingPercent],
  ]);
}

/** A figure that this reproduction reached, and what bounds it. */
interface Case {
  readonly name: string;
  readonly value: number;
  readonly bound?: number;
  readonly unit: string;
}

/** All figures by name: first the GPUs of each set under the half-SLO assumption, beside what no placement can go below. */
export function cases({ sets, seed }: PlacementReproduction): readonly Case[] {
  return [
    ...sets.flatMap(({ set: { name }, half: { cover, sliceBoundGpus: bound } }) =>
      cover.gpus.length === 0 ? [] : [{ name, value: cover.gpus.length, bound, unit: 'GPUs' }],
    ),
    ...sets.flatMap(({ set: { name }, tried, p99, boundGpus: bound }) => [
      ...tried.map((placement) => ({
        name: `${name} models that miss p99, placement "${placement.name}"`,
        value: 100 * shareMissing(placement),
        unit: '%',
      })),
      ...(p99 === undefined
        ? []
        : [
            { name: `${name} every p99 kept`, value: p99.gpus.length, bound, unit: 'GPUs' },
            {
              name: `${name} every p99 kept, gap to bound`,
              value: gapPercent(p99.gpus.length, bound),
              unit: '%',
            },
          ]),
    ]),
    ...seed.map(({ gpu, mixes }) => ({
      name: `two tenants per ${gpu.name} save at best`,
      value: Math.max(...mixes.map(savingPercent)),
      unit: '%',
    })),
  ];
}
