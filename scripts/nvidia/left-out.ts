import { remembered } from '../../src/base/remembered.js';
import type { FrontEnds } from '../profiles/front-ends.js';
import { LeftOut } from '../support/left-out-page.js';
import { withIntervals } from './doubt.js';
import { fitGpu, type GpuFit, sendsLargeInputs, tablesToFit } from './fit.js';
import { METRIC_NAMES } from './readme.js';
import type { NvidiaTable } from './tables.js';
import { predictUnseen } from './unseen.js';

/** What may be left out, and how tables are told apart by it. */
export const LEAVE_OUT = {
  family: ({ family }: NvidiaTable) => family,
  gpu: ({ device }: NvidiaTable) => device,
} as const;
export type LeaveOut = keyof typeof LEAVE_OUT;

/** What the left-out figures are made from. */
export interface LeaveOutInput {
  readonly tables: readonly NvidiaTable[];
  /** Front ends that are shipped for these tables; absent: they are fitted. */
  readonly shipped?: FrontEnds | undefined;
}

/**
 * Predicts every online row without its family of models, or without its GPU: the front ends see no online row of it, and
 * profiles are made anew as `npm run profiles` makes those that are shipped.
 */
export function leaveEachOut(
  by: LeaveOut,
  { tables, shipped = {} }: LeaveOutInput,
  onProgress: (what: string) => void,
): LeftOut {
  const fits = new Map<string, GpuFit>();
  const seenIn = (own: readonly NvidiaTable[], device: string) =>
    tablesToFit(own.filter((table) => table.device === device));
  // Other fits do not tell how long bytes take, and no profile is made by them.
  const fitsOf = (others: readonly NvidiaTable[]) =>
    [...new Set(others.filter(sendsLargeInputs).map(({ device }) => device))].map((device) => {
      const seen = seenIn(others, device);
      const names = seen.map(({ name }) => name).join(', ');
      // Shipped front ends saw the same rows where nothing that they saw is left out.
      const known = seenIn(tables, device).length === seen.length ? shipped[device] : undefined;
      return remembered(fits, `${device} by ${names}`, () => {
        onProgress(`front end of ${device} by ${names}`);
        return fitGpu(device, seen, new Set(seen), known);
      });
    });
  const nameOf = LEAVE_OUT[by];
  const predicted = [...new Set(tables.map(nameOf))].sort().flatMap((leftOut) => {
    const gpus = fitsOf(tables.filter((table) => nameOf(table) !== leftOut));
    onProgress(`predictions without ${leftOut}`);
    const own = tables.filter((table) => nameOf(table) === leftOut);
    return predictUnseen(own, gpus).map((table) => ({ ...table, group: leftOut }));
  });
  const points = withIntervals(predicted).flatMap(({ group, points }) =>
    points.map((point) => ({ ...point, by, leftOut: group, what: point.tenant })),
  );
  return new LeftOut(points, {
    title: `NVIDIA's online tables, each ${by === 'gpu' ? 'GPU' : by} left out`,
    file: `left-out-${by}`,
    command: `npm run reproduce:nvidia -- --leave-one-out ${by}`,
    rows: 'rows',
    metrics: METRIC_NAMES,
    kinds: { [by]: TEXTS[by] },
    remarks: `${TEXTS[by].remarks}
Rules that were chosen with these tables in view are the same in every row: see [what was not blind](README.md#what-was-not-blind).`,
  });
}

const TEXTS = {
  family: {
    heading: 'Without the family of models',
    how: `No front end saw an online row of the family on any GPU. Its service times are those of its own offline tables.
Only ResNet-50 sends inputs that are large for an inference. Without it no front end tells how long bytes take: 2 GB/s is taken,
known to a factor of three. Its intervals reach to both ends of all doubts, as with \`perseus simulate --doubt\`.`,
    remarks: `Asked for is 20 % for the worst family. Two ways were tried for ResNet-50. A front end from tables with large requests
(wide-and-deep, 280 kB in many small tensors) takes three times as long for a byte: 45 and 103 % off. The constant above is nearer.
It was chosen by someone who knew the fitted front ends (1 to 2.6 GB/s). What bytes cost on a machine has to be measured there.

Asked for is that 88 to 98 % lie in their interval. Two intervals were tried for ResNet-50: with the doubt of the front end and
of the times that it leaves, 85 % lie within ±69 % of the throughput (median); with that of two instances side by side, too,
100 % within ±113 %. The second is published, because \`--doubt\` counts all. So wide an interval says: measure it.

What an execution counts for at least beside others of its process was chosen with all families in view. Chosen without FastPitch,
FastPitch would be 11.1 and 13.1 % off. No other family changes the choice.`,
  },
  gpu: {
    heading: 'Without the GPU',
    how: `The front end is the median of those of other GPUs. Service times are those of the offline tables of this GPU. Intervals
reach as far as 95 % of the errors of the worst described other GPU, left out as well.`,
    remarks: `Asked for is 20 % for the worst family; each GPU keeps to that.
Two intervals were tried. Those that reach to both ends of all doubts as well, as with \`perseus simulate --doubt\`, hold 100 %
of each GPU's figures within ±50 to ±72 % (median). They tell less, so the first are published.`,
  },
} satisfies Record<LeaveOut, object>;
