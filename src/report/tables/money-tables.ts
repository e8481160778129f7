import { type CostBreakdown, hasPrice, isPriced, type TenantCost } from '../../cost/cost.js';
import { formatNumber, formatSigned, formatUsd, UNKNOWN } from '../format.js';
import type { Comparison } from '../run-report.js';
import { type Cell, type ColumnOf, type Table, tableOf } from './table.js';

/** Who causes which part of the bill; the last rows are what nobody used, and all together. No rows where no machine has a price. */
export function costTable(cost: CostBreakdown): Table {
  const hasPenalty = cost.penaltyUsdPerHour !== 0 || cost.tenants.some((row) => row.penaltyUsdPerHour !== 0);
  const columns: ColumnOf<CostRow>[] = [
    { header: 'tenant', align: 'left', cell: ({ name, tone }) => ({ text: name, tone: tone ?? 'plain' }) },
    { header: 'by use $/h', cell: (row) => usd(row.byUse) },
    { header: 'by reservation $/h', cell: (row) => usd(row.byReservation) },
    ...(hasPenalty
      ? [{ header: 'SLO penalty $/h', cell: (row: CostRow) => usd(row.penalty) } satisfies ColumnOf<CostRow>]
      : []),
    { header: '$ per million inferences', cell: (row) => usd(row.perMillion) },
  ];
  return tableOf('Cost', isPriced(cost) || hasPenalty ? costRows(cost) : [], columns, [
    'By use: priced busy time. By reservation: idle time divided in proportion to use.',
  ]);
}

interface CostRow {
  readonly name: string;
  readonly byUse?: number;
  readonly byReservation?: number;
  readonly penalty?: number;
  readonly perMillion?: number;
  readonly tone?: Cell['tone'];
}

function costRows(cost: CostBreakdown): readonly CostRow[] {
  return [
    ...cost.tenants.map(tenantRow),
    { name: 'idle', byUse: cost.idleUsdPerHour, tone: 'quiet' },
    {
      name: 'all tenants',
      byUse: cost.usdPerHour,
      byReservation: cost.usdPerHour,
      penalty: cost.penaltyUsdPerHour,
      perMillion: cost.usdPerMillionInferences,
    },
  ];
}

function tenantRow(row: TenantCost): CostRow {
  return {
    name: row.tenant,
    byUse: row.byUseUsdPerHour,
    byReservation: row.byReservationUsdPerHour,
    penalty: row.penaltyUsdPerHour,
    perMillion: row.usdPerMillionInferences,
  };
}

function usd(value: number | undefined): string {
  return value === undefined ? '' : formatUsd(value);
}

/** What is rented, and where its price comes from. */
export function machineTable(cost: CostBreakdown): Table {
  return tableOf('Machines', cost.machines, [
    { header: 'server', align: 'left', cell: ({ server }) => server },
    { header: 'kind', align: 'left', cell: ({ kind }) => kind },
    { header: '$/h', cell: (machine) => (hasPrice(machine) ? formatUsd(machine.usdPerHour) : UNKNOWN) },
    { header: 'price from', align: 'left', cell: ({ source }) => source, dropRank: 1, wraps: true },
  ]);
}

/** Predicted beside measured. */
export function comparisonTable(rows: readonly Comparison[]): Table {
  return tableOf('Predicted beside measured', rows, [
    { header: 'tenant', align: 'left', cell: ({ tenant }) => tenant },
    { header: 'figure', align: 'left', cell: ({ metric }) => metric },
    { header: 'predicted', cell: ({ predicted }) => formatNumber(predicted) },
    { header: 'measured', cell: ({ measured }) => formatNumber(measured) },
    { header: 'error %', cell: ({ errorPercent }) => formatSigned(errorPercent) },
    { header: 'measured by', align: 'left', cell: ({ source }) => source, dropRank: 1, wraps: true },
  ]);
}
