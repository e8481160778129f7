import type { PlacementReproduction } from './readme.js';
import { gapPercent, shareMissing } from './reproduction.js';
import { savingPercent } from './seed-figures.js';

/** A figure that this reproduction reached, and what bounds it. */
export interface Case {
  readonly name: string;
  readonly value: number;
  readonly bound?: number;
  readonly unit: string;
}

/** A set must be planned within this time. */
const LONGEST_S = 60;

/** All figures by name: first the GPUs of each set under the half-SLO assumption, beside what no placement can go below. */
export function cases({ sets, seed }: PlacementReproduction): readonly Case[] {
  const placed = sets.filter(({ half }) => half.cover.gpus.length > 0);
  return [
    ...placed.map(({ set, half }) => ({
      name: set.name,
      value: half.cover.gpus.length,
      bound: half.sliceBoundGpus,
      unit: 'GPUs',
    })),
    ...sets.map(({ set, half }) => ({
      name: `${set.name} planned in`,
      value: half.seconds,
      bound: LONGEST_S,
      unit: 's',
    })),
    ...sets.flatMap(({ set, tried, p99, boundGpus }) => [
      ...tried.map((placement) => ({
        name: `${set.name} models that miss p99, placement "${placement.name}"`,
        value: 100 * shareMissing(placement),
        unit: '%',
      })),
      ...(p99 === undefined
        ? []
        : [
            { name: `${set.name} every p99 kept`, value: p99.gpus.length, bound: boundGpus, unit: 'GPUs' },
            {
              name: `${set.name} every p99 kept, gap to bound`,
              value: gapPercent(p99.gpus.length, boundGpus),
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
