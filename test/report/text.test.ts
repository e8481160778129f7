import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { textTable } from '../../src/report/text/text-table.js';
import { widthOf } from '../../src/report/text/width.js';
import { reportToText } from '../../src/report/text.js';
import { cases } from '../support/cases.js';
import { arbitraryReport } from './arbitrary-report.js';
import { sampleReport } from './sample-report.js';

describe('the text report', () => {
  it('cuts long names so that those that differ still do', () => {
    const names = [1, 22].map((n) => `tenant-of-the-platform-team-${n}-in-production`);
    const columns = [
      { header: 'tenant', align: 'left' as const },
      { header: 'n', align: 'right' as const },
    ];
    const rows = [...names, 'short'].map((text) => [{ text }, { text: '1' }]);
    expect(textTable({ title: '', columns, rows, notes: [] }, 31)).toEqual([
      'tenant                        n',
      'tenant-of-…m-1-in-production  1',
      'tenant-of…m-22-in-production  1',
      'short                         1',
    ]);
  });

  it('leaves out the p50 of the answer, which is told again below, rather than cut an SLO or a verdict', () => {
    const report = sampleReport();
    const [first, ...others] = report.summary.tenants;
    const own = { ...first!, slo: { ...first!.slo!, percentile: 95 } };
    const mixed = { ...report, summary: { ...report.summary, tenants: [own, ...others] } };
    for (const each of [report, mixed]) {
      const [, , answer] = reportToText(each, { width: 80 }).split('\n\n');
      expect(answer).toMatch(/^tenant .*SLO .*verdict .*load .*completed \/s/);
      expect(answer).toContain('p99 ≤ 100 ms');
      expect(answer).not.toContain('…');
    }
  });

  it('goes on in the next line with a text that no reader could do without', () => {
    const column = (header: string, wraps: boolean) => ({ header, align: 'left' as const, wraps });
    const table = {
      title: 'Who sits where',
      columns: [column('server', false), column('models', true)],
      rows: [
        ['a', 'bert-large (8), resnet152 (16), gpt (1)'],
        ['b', 'gpt (1)'],
      ].map((texts) => texts.map((text) => ({ text }))),
      notes: [],
    };
    expect(textTable(table, 28).slice(2)).toEqual([
      'a       bert-large (8),',
      '        resnet152 (16), gpt',
      '        (1)',
      'b       gpt (1)',
    ]);
  });

  it('says what was simulated, then the answer, then details, warnings last', () => {
    expect(reportToText(sampleReport())).toMatchInlineSnapshot(`
      "two-tenants: 5 runs of 168 s simulated, the first 60 s of each cut as warm-up, first seed 7

      1 of 2 SLOs is met.
      resnet is overloaded (110 requests/s offered, 84.2 completed): its latency grows for as long as this
      load lasts.
      It costs $1.20 per hour, $2.49 per million inferences.
      SLO penalties: $3.00 per hour.

      tenant       SLO           verdict           in limit %  load        completed /s            p99 ms
      inception    p99 ≤ 100 ms  met      99.71 (99.67–99.75)  stable              50.0  58.3 (55.9–60.7)
      resnet       p99 ≤ 100 ms  MISSED      0.46 (0.36–0.56)  OVERLOADED          84.2                 –
      all tenants  none          –                          –  OVERLOADED           134                 –
      perseus explain examples/scenarios/two-tenants.yaml names what is to blame.

      Latency, from the planned arrival
      tenant                        mean ms            p50 ms            p95 ms            p99 ms
      inception            23.6 (23.3–23.9)  21.4 (21.1–21.6)  41.1 (40.2–42.0)  58.3 (55.9–60.7)
        unlimited devices                                12.6                                19.8
      resnet                     overloaded                 –                 –                 –
      With “unlimited devices” requests wait for the batcher only.

      Where the time goes, mean of a completed request
      tenant     network ms  front end ms    queue ms  input ms  infer ms  output ms  response ms
      inception        1.20          0.31        9.40      1.04      11.2      0.052         0.40
      resnet           1.20          0.31  overloaded      1.04      42.1      0.052         0.40

      Requests
      tenant     offered  completed  in flight at end        goodput /s     inferences /s
      inception   27,012     26,998                14  49.9 (49.7–50.1)  50.0 (49.8–50.2)
      resnet      59,400     45,468            13,932  0.40 (0.30–0.50)  84.2 (83.7–84.7)

      Devices
      device       kind      busy %      memory MiB  busy with
      host-a/gpu0  Tesla P4    61.3  1,480 of 7,611  inception 61.3 %
      host-a/gpu1  Tesla P4     100  1,224 of 7,611  resnet 100 %

      Hosts
      server  CPU cores  cores busy  busy %
      host-a          8        2.31    28.9

      Models
      model                executions  mean batch  most common batch sizes
      host-a/inception_v3       9,200        2.93  4 (33.7 %), 2 (25.0 %), 1 (20.7 %)
      host-a/resnet50          12,900        3.99  4 (99.0 %), 3 (0.62 %), 2 (0.31 %)

      Cost
      tenant       by use $/h  by reservation $/h  SLO penalty $/h  $ per million inferences
      inception          0.37                0.46             0.00                      2.53
      resnet             0.60                0.74             3.00                      2.46
      idle               0.23
      all tenants        1.20                1.20             3.00                      2.49
      By use: priced busy time. By reservation: idle time divided in proportion to use.

      Machines
      server  kind                   $/h  price from
      host-a  n1-standard-8 + 2 P4  1.20  list price, 2019-07-01

      Predicted beside measured
      tenant     figure         predicted  measured  error %  measured by
      inception  p50 ms              21.4      21.9     -2.3  seed paper, test 5
      inception  p95 ms              41.1      40.2     +2.2  seed paper, test 5
      resnet     throughput /s       84.2      83.5     +0.8  seed paper, test 5

      Warnings (2)
      - resnet (overloaded): 110 requests/s are offered and at most 84.2 can be done. Lower its load, add
        instances or devices, allow larger batches, or reject with max_queue_size.
      - resnet50 on Tesla P4 (outside-profile-region): The device is busy 100 % of the time; the profile
        was measured up to 95 %. Treat the figures as a guess, or measure the model under these conditions
        and add them to its profile.

      Predicted by perseus 0.1.0 (7138816) from examples/scenarios/two-tenants.yaml.
      Profile inception_v3 on Tesla P4: seed paper, test 7 (MIT).
      Profile resnet50 on Tesla P4: seed paper, test 6 (MIT).
      Trace: Poisson arrivals, generated from the seed.
      Intervals (low–high) are 95 %. Latency counts from the planned arrival.
      "
    `);
  });

  it('has no colour codes unless they are asked for, and the same text with them', () => {
    const coloured = reportToText(sampleReport(), { colour: true });
    expect(coloured).toContain('\u001b[31mMISSED');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colour codes are control characters
    expect(coloured.replace(/\u001b\[\d+m/g, '').replace(/ +$/gm, '')).toBe(reportToText(sampleReport()));
  });

  it('shows the verdict and no latency of a saturated tenant', () => {
    const text = reportToText(sampleReport());
    expect(text).toContain('OVERLOADED');
    expect(text).not.toMatch(/7\d,?\d{3} \(/);
    expect(text).not.toContain('140,000');
  });

  it('says where to ask what is to blame where something is missed, and only there', () => {
    const report = sampleReport();
    const [calm] = report.summary.tenants;
    const kept = { ...report, summary: { ...report.summary, tenants: [calm!] } };
    const provenance = { ...report.provenance, scenarioFile: 'my work/a.yaml' };
    expect(reportToText({ ...report, provenance })).toContain("perseus explain 'my work/a.yaml' names what");
    expect(reportToText(kept)).not.toContain('perseus explain');
  });

  it('shows of many tenants those that need attention, and says so', () => {
    const report = sampleReport();
    const [stable, overloaded] = report.summary.tenants;
    const tenants = Array.from({ length: 500 }, (_, i) => ({
      ...(i === 321 ? overloaded! : stable!),
      tenant: `tenant-${i}`,
    }));
    const text = reportToText({ ...report, summary: { ...report.summary, tenants } });
    expect(text).toMatch(/^tenant-321 .*OVERLOADED/m);
    expect(text).toContain('20 tenants most in need of attention');
    expect(text.split('\n').length).toBeLessThan(150);
  });

  it('keeps any report within the width, on printable lines, without words of the machine', () => {
    fc.assert(
      fc.property(arbitraryReport, fc.integer({ min: 60, max: 100 }), (report, width) => {
        const text = reportToText(report, { width });
        // biome-ignore lint/suspicious/noControlCharactersInRegex: that there are none is the point
        expect(text).not.toMatch(/NaN|undefined|Infinity|\[object|[\u0000-\u0009\u000b-\u001f]/);
        for (const line of text.split('\n')) expect(widthOf(line)).toBeLessThanOrEqual(width);
      }),
      { numRuns: cases(200) },
    );
  });
});
