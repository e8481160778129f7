import { computed, signal } from '@preact/signals';
import { diffRuns } from '../../diff/diff-runs.js';
import { diffSection } from '../../diff/diff-section.js';
import { selectTenants } from '../../report/answer.js';
import { MAX_COLOURED } from '../../report/charts/highlight.js';
import { latencyCdfChart } from '../../report/charts/latency-cdf.js';
import { pageTheme } from '../../report/charts/theme.js';
import { figure, WHOLE } from '../../report/html/figure.js';
import type { CarriedScenario } from '../carried.js';
import { headlineOf } from '../headline.js';
import type { PageAnswer } from '../page-answer.js';
import { Part } from './markup.js';
import { onDemand, Progress } from './on-demand.js';
import { answer, carried, goTo, isRefining } from './state.js';

interface Pinned extends Pick<PageAnswer, 'report' | 'hash'> {
  readonly carried: CarriedScenario;
}

const pinned = signal<Pinned | undefined>(undefined);
const paired = onDemand('diff');

/** Whole runs are also compared request by request, beyond which their logs would not fit. */
const MOST_PAIRED = 2e6;

/** From the intervals of both at once; request by request when that is worked out. */
const diff = computed(() => {
  const [a, b] = [pinned.value, answer.value];
  if (a === undefined || b === undefined) return undefined;
  return (
    paired.state.value.result ??
    diffRuns(
      { name: 'A', report: a.report, scenario: a.carried.spec },
      { name: 'B', report: b.report, scenario: carried.value.spec },
    )
  );
});

answer.subscribe((shown) => {
  const a = pinned.peek();
  if (a === undefined || !shown?.isWhole || shown.hash === a.hash) return;
  const requests = [a, shown].reduce((sum, { report }) => sum + report.summary.total.counts.offered, 0);
  if (requests <= MOST_PAIRED) paired.start({ kind: 'diff', before: a.carried });
});

export function ComparePanel() {
  const [a, b] = [pinned.value, answer.value];
  const pin = () => {
    pinned.value = b && { report: b.report, hash: b.hash, carried: carried.value };
  };
  return (
    <section id="compare">
      <h2>A against B</h2>
      <div class="bar">
        <button type="button" disabled={b === undefined || isRefining.value} onClick={pin}>
          {a === undefined ? 'Pin this run as A' : 'Pin this run as A instead'}
        </button>
        {a !== undefined && (
          <>
            <button
              type="button"
              disabled={a.carried.spec === carried.value.spec}
              onClick={() => goTo(a.carried)}
            >
              Go back to A
            </button>
            <button type="button" onClick={() => (pinned.value = undefined)}>
              Unpin
            </button>
          </>
        )}
      </div>
      {a === undefined && (
        <p class="quiet">Pin a run, then change something: both are shown, with their differences.</p>
      )}
      {a !== undefined && b !== undefined && <Compared a={a} b={b} />}
    </section>
  );
}

function Compared({ a, b }: { readonly a: Pinned; readonly b: PageAnswer }) {
  if (a.hash === b.hash && a.carried.spec === carried.value.spec)
    return <p class="quiet">This run is A. Change something to make it B.</p>;
  return (
    <>
      <dl class="sides">
        {[a, b].map(({ report }, i) => (
          <div key={i === 0 ? 'A' : 'B'}>
            <dt>{i === 0 ? 'A, pinned' : 'B, now'}</dt>
            <dd>{headlineOf(report).sentence}</dd>
          </div>
        ))}
      </dl>
      <Progress job={paired} />
      <Part markup={figure(overlaid(a, b))} />
      <Part markup={diff.value && diffSection(diff.value)} />
    </>
  );
}

/** The same tenants of both in one picture, each of A beside that of B. */
function overlaid(a: Pinned, b: PageAnswer): string {
  const shown = selectTenants(b.report.summary.tenants, MAX_COLOURED / 2).map(({ tenant }) => tenant);
  const sides = [a, b].map(({ report: { series, summary } }, i) => ({
    name: (tenant: string) => `${i === 0 ? 'A' : 'B'} ${tenant}`,
    series,
    summary,
  }));
  const cdfs = shown.flatMap((tenant) =>
    sides.flatMap(({ name, series }) =>
      series.cdfs.filter((cdf) => cdf.tenant === tenant).map((cdf) => ({ ...cdf, tenant: name(tenant) })),
    ),
  );
  const tenants = sides.flatMap(({ name, summary }) =>
    summary.tenants.map((tenant) => ({ ...tenant, tenant: name(tenant.tenant) })),
  );
  return latencyCdfChart(cdfs, { tenants, tail: true, theme: pageTheme, width: WHOLE });
}
