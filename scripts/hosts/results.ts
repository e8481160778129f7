import { basename, isAbsolute, relative, sep } from 'node:path';
import { mean } from 'simple-statistics';
import { plural } from '../../src/base/plural.js';
import { provenanceLine } from '../../src/node/runs/package-facts.js';
import type { PlanReport } from '../../src/report/plan/plan-report.js';
import * as points from '../support/points.js';
import { type Column, fields, pageTable, signed } from '../support/table.js';
import { RUN_S } from './host-part.js';

/** One tenant on one host, all runs: planned, simulated on the arrivals of the runs, and measured. */
export interface MeasuredTenant {
  readonly host: string;
  readonly tenant: string;
  readonly model: string;
  readonly ratePerS: number;
  readonly percentile: number;
  readonly limitMs: number;
  /** Of each run. */
  readonly runs: readonly MeasuredRun[];
}

export interface MeasuredRun {
  readonly measured: TenantFigures;
  readonly simulated: TenantFigures;
}

export interface TenantFigures {
  readonly meanMs: number;
  readonly p50Ms: number;
  /** At the percentile of the SLO. */
  readonly sloMs: number;
  /** Share of the requests within the limit, 0..1. */
  readonly attainment: number;
}

const METRICS = [
  'meanMs',
  'p50Ms',
  'sloMs',
  'attainment',
] as const satisfies readonly (keyof TenantFigures)[];

/** Mean over the runs of a tenant. */
function meanOf(
  { runs }: Pick<MeasuredTenant, 'runs'>,
  side: keyof MeasuredRun,
  metric: keyof TenantFigures,
): number {
  return mean(runs.map((run) => run[side][metric]));
}

/** Whether the SLO was met in all runs together. */
export function isMet(tenant: MeasuredTenant): boolean {
  return meanOf(tenant, 'measured', 'attainment') >= tenant.percentile / 100;
}

/** Of the simulated mean from the measured one, percent. */
export function errorPercent(tenant: MeasuredTenant, metric: keyof TenantFigures): number {
  return points.errorPercent(meanOf(tenant, 'simulated', metric), meanOf(tenant, 'measured', metric));
}

/** What `--json` prints: each figure of each tenant on each host. */
export function pointsOf(tenants: readonly MeasuredTenant[]) {
  return tenants.flatMap((each) =>
    METRICS.map((metric) => ({
      tenant: `${each.host}/${each.tenant}`,
      metric,
      measured: meanOf(each, 'measured', metric),
      measuredSpread: spreadOf(each, metric),
      predicted: meanOf(each, 'simulated', metric),
      errorPercent: errorPercent(each, metric),
    })),
  );
}

function spreadOf({ runs }: MeasuredTenant, metric: keyof TenantFigures): number {
  return points.halfRange(runs.map(({ measured }) => measured[metric]));
}

/** The page of results, worst mean first. */
export function hostsMarkdown(
  plan: string,
  report: PlanReport,
  tenants: readonly MeasuredTenant[],
  text: string,
): string {
  const chosen = report.candidates[report.chosen! - 1]!;
  const met = tenants.filter(isMet).length;
  const runs = tenants[0]!.runs.length;
  return `# A plan, measured

Written by \`npm run reproduce:hosts\`; ${provenanceLine()}.
\`perseus plan\` answered ${planLink(plan)} with profiles that \`perseus calibrate\` had made on this machine; the model
repositories that it emitted were loaded into a real Triton, host after host, and NVIDIA's perf_analyzer played the tenants of
each, one process for each tenant, ${runs} ${plural(runs, 'run')} of ${RUN_S} s. Planned: by the plan, on its own arrivals. Simulated: on
exactly those of the runs. Error: simulated less measured, of the mean over the runs.

${chosen.machines.map(({ kind, count }) => `${count} x ${kind}`).join(', ')} at $${chosen.usdPerHour.toFixed(2)} per hour. **${met} of ${tenants.length} SLOs were met.**

${tenantTable(chosen, tenants)}

## What \`perseus plan\` says

\`\`\`text
${text.trimEnd()}
\`\`\`
`;
}

/** Planned, simulated and measured, the worst mean first. */
function tenantTable(chosen: PlanReport['candidates'][number], tenants: readonly MeasuredTenant[]): string {
  const planned = new Map(chosen.tenants.map(({ tenant, attainment }) => [tenant, attainment.value]));
  const sorted = [...tenants].sort(
    (a, b) => Math.abs(errorPercent(b, 'meanMs')) - Math.abs(errorPercent(a, 'meanMs')),
  );
  return pageTable(sorted, [
    ...fields('host', 'tenant'),
    ['rate /s', ({ ratePerS }) => ratePerS.toFixed(0)],
    ['SLO', ({ percentile, limitMs }) => `p${percentile} ≤ ${limitMs} ms`],
    ['in limit: planned', ({ tenant }) => percent(planned.get(tenant) ?? Number.NaN)],
    ['simulated', (each) => percent(meanOf(each, 'simulated', 'attainment'))],
    [
      'measured',
      (each) =>
        `${percent(meanOf(each, 'measured', 'attainment'))} (±${(100 * spreadOf(each, 'attainment')).toFixed(1)})`,
    ],
    ['met', (each) => (isMet(each) ? 'yes' : '**no**')],
    ...LATENCIES.map(([head, metric]): Column<MeasuredTenant> => {
      const ms = (each: MeasuredTenant) => meanOf(each, 'measured', metric).toFixed(2);
      return [head, (each) => `${ms(each)} ms, ${signed(errorPercent(each, metric))} %`];
    }),
  ]);
}

const LATENCIES = [
  ['mean', 'meanMs'],
  ['p50', 'p50Ms'],
  ['at the SLO’s percentile', 'sloMs'],
] as const;

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

/** A link from results/hosts to a plan of this checkout; of one from elsewhere, to which no link holds for others, the name. */
function planLink(plan: string): string {
  const path = relative('.', plan).split(sep).join('/');
  return path.startsWith('../') || isAbsolute(path) ? `\`${basename(plan)}\`` : `[${path}](../../${path})`;
}
