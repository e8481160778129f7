import { describe, expect, it } from 'vitest';
import { sweepToHtml } from '../../src/report/html/sweep-page.js';
import { sweepReport } from '../../src/report/sweep/sweep-report.js';
import { sweepToText } from '../../src/report/sweep/sweep-text.js';
import { sweepTable } from '../../src/sweep/sweep-table.js';

/** A sweep over the largest batch, whose points had these warnings. */
function reportOf(warnings: readonly (string | null)[]) {
  const figures = { offered_per_s: 100, throughput_per_s: 100, usd_per_hour: 1, slo_attainment: 1 };
  const points = warnings.map((codes, i) => ({
    number: i,
    values: [8 * (i + 1)],
    key: `${i}`,
    rows: [{ tenant: 'total', is_total: true, ...figures, warnings: codes }],
  }));
  return sweepReport({ name: 'batches' }, sweepTable(['batch'], points));
}

describe('points whose figures there is something to be wary of', () => {
  const report = reportOf([
    null,
    'interpolated-batch-size',
    'extrapolated-batch-size interpolated-batch-size',
    'batcher-sleeps extrapolated-batch-size outside-profile-region',
  ]);

  it('are counted by what is wrong, in the text and on the page; sizes between measured ones are not', () => {
    const sentence =
      'Warnings in 2 of 4 points: extrapolated-batch-size (2), batcher-sleeps (1), outside-profile-region (1).';
    expect(sweepToText(report, { width: 300 })).toContain(sentence);
    expect(sweepToHtml(report, { scenarioHref: () => '' })).toContain(sentence);
  });

  it('are not spoken of where there is none', () => {
    expect(sweepToText(reportOf([null, 'interpolated-batch-size']))).not.toContain('Warnings');
  });
});
