import { someOf } from '../../base/some-of.js';
import { busiestDevice, type KindOutcome } from '../../plan/by-kind.js';
import type { PlanProblem } from '../../plan/problem-setting.js';
import { formatCount, formatNumber, formatPercent, formatSetting, formatUsd, UNKNOWN } from '../format.js';
import { type Table, tableOf } from '../tables/table.js';

export interface ReportedKind {
  readonly kind: string;
  readonly usdPerHourEach: number;
  /** Absent where no placement was found that meets every SLO. */
  readonly best?: {
    readonly count: number;
    readonly usdPerHour: number;
    /** Share of its time that the busiest device is busy. */
    readonly busiestShare: number;
  };
  /** Models without a profile there. */
  readonly unprofiled: readonly string[];
  readonly shortfalls: KindOutcome['shortfalls'];
}

export function reportedKind(
  { machines }: PlanProblem,
  { kind, best, unprofiled, shortfalls }: KindOutcome,
): ReportedKind {
  const { name, machine } = machines[kind]!;
  return {
    kind: name,
    usdPerHourEach: machine.usdPerHour,
    ...(best && {
      best: {
        count: best.placement.machines.length,
        usdPerHour: best.usdPerHour,
        busiestShare: busiestDevice(best),
      },
    }),
    unprofiled,
    shortfalls,
  };
}

/** What each kind of machine costs by itself, and why. */
export function kindsTable(kinds: readonly ReportedKind[]): Table {
  const isPriced = kinds.some(({ usdPerHourEach }) => usdPerHourEach > 0);
  const cheapest = Math.min(...kinds.map(({ best }) => best?.usdPerHour ?? Infinity));
  return tableOf<ReportedKind>('Each kind of machine by itself', kinds, [
    {
      header: 'machines',
      align: 'left',
      cell: ({ kind, best }) => `${best ? formatCount(best.count) : 'no'} × ${kind}`,
    },
    ...(isPriced
      ? [{ header: '$/h', cell: ({ best }: ReportedKind) => (best ? formatUsd(best.usdPerHour) : UNKNOWN) }]
      : []),
    { header: 'why', align: 'left', wraps: true, cell: (kind) => reasonText(kind, cheapest) },
  ]);
}

function reasonText(
  { best, unprofiled, shortfalls, usdPerHourEach }: ReportedKind,
  cheapest: number,
): string {
  if (unprofiled.length > 0) return `no profile of ${someOf(unprofiled)} for it`;
  if (best === undefined) {
    const [first] = shortfalls;
    if (first === undefined) return 'none found in the time given; allow more with --budget';
    if (first.memory !== undefined) return `too little memory for the model of ${first.tenant}`;
    const { percentile, limitMs, latencyMs } = first;
    if (percentile === undefined || limitMs === undefined) return `${first.tenant} is not kept up with`;
    const seen = Number.isFinite(latencyMs) ? `: ${formatNumber(latencyMs)} ms` : '';
    return `p${formatSetting(percentile)} ≤ ${formatSetting(limitMs)} ms of ${first.tenant} is not met${seen}`;
  }
  const busy = `${best.count > 1 ? 'the busiest is ' : ''}${formatPercent(best.busiestShare)} % busy`;
  if (!(usdPerHourEach > 0)) return busy;
  const times = best.usdPerHour / cheapest;
  const each = best.count > 1 ? `$${formatUsd(usdPerHourEach)} each, ` : '';
  return `${each}${busy}${times > 1.005 ? `; ${formatNumber(times)} times the cheapest` : '; the cheapest'}`;
}
