import type { CostBreakdown } from '../../cost/cost.js';
import { formatUsd } from '../format.js';
import { MAX_ROWS } from './highlight.js';
import { positive } from './split.js';
import { stackedBars } from './stacked-bars.js';
import type { ChartOptions } from './svg.js';
import { paperTheme } from './theme.js';

/** What each tenant costs per hour: what it uses, its part of the idle time, and penalties. */
export function costChart(cost: CostBreakdown, options: ChartOptions = {}): string {
  const { theme = paperTheme } = options;
  const bars = cost.tenants.slice(0, MAX_ROWS).map((tenant) => {
    const idle = tenant.byReservationUsdPerHour - tenant.byUseUsdPerHour;
    const values = [tenant.byUseUsdPerHour, idle, tenant.penaltyUsdPerHour];
    const total = values.reduce((sum, value) => sum + positive(value), 0);
    return { name: tenant.tenant, values, label: `$${formatUsd(total)}` };
  });
  const hasPenalty = cost.tenants.some(({ penaltyUsdPerHour }) => penaltyUsdPerHour > 0);
  const parts = [
    { name: 'use', colour: theme.series[0]! },
    { name: 'part of the idle time', colour: theme.idle },
    ...(hasPenalty ? [{ name: 'SLO penalty', colour: theme.bad }] : []),
  ];
  return stackedBars(bars, {
    ...options,
    description: 'Cost per hour by tenant',
    label: 'cost, $ per hour',
    parts,
  });
}
