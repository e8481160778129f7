import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { devicesToCsv, tenantsToCsv } from '../../src/report/csv.js';
import { cases } from '../support/cases.js';
import { arbitraryReport } from './arbitrary-report.js';
import { sampleReport } from './sample-report.js';

describe('the CSV report', () => {
  it('has a row per tenant under named columns', () => {
    const [header, ...rows] = readCsv(tenantsToCsv(sampleReport()));
    const records = rows.map((row) => Object.fromEntries(header!.map((column, i) => [column, row[i]])));
    expect(records).toHaveLength(2);
    // As the results of sweeps have them: without dots, which SQL and pandas take for a member.
    expect(header!.filter((column) => !/^[a-z\d_]+$/.test(column))).toEqual([]);
    expect(header).toContain('latency_p99_9_ms_low');
    expect(records[0]).toMatchObject({
      tenant: 'inception',
      stability: 'stable',
      offered: '27012',
      latency_p99_ms: '58.3',
      latency_p99_ms_low: '55.9',
      slo_met: 'true',
      queue_ms: '9.4',
      by_use_usd_per_hour: '0.368',
    });
  });

  it('has a row per device and one per host', () => {
    expect(devicesToCsv(sampleReport()).split('\r\n')).toEqual([
      'server,device,kind,busy_share,memory_used_mb,memory_mb,cpu_cores,cores_busy',
      'host-a,gpu0,Tesla P4,0.613,1480,7611,,',
      'host-a,gpu1,Tesla P4,1,1224,7611,,',
      'host-a,host CPU,CPU,0.28875,,,8,2.31',
      '',
    ]);
  });

  it('quotes what would break a row, and only that', () => {
    const report = sampleReport();
    const device = { ...report.summary.devices[0]!, server: 'a,b', device: 'say "hi"\nthere', kind: 'plain' };
    const csv = devicesToCsv({ ...report, summary: { ...report.summary, devices: [device], hosts: [] } });
    expect(csv).toContain('\r\n"a,b","say ""hi""\nthere",plain,0.613,');
  });

  it('has no name that a spreadsheet would run as a formula', () => {
    const report = sampleReport();
    const tenant = { ...report.summary.tenants[0]!, tenant: '=1+1' };
    expect(
      readCsv(tenantsToCsv({ ...report, summary: { ...report.summary, tenants: [tenant] } }))[1]![0],
    ).toBe("'=1+1");
    const device = { ...report.summary.devices[0]!, server: '-a', device: '@b', kind: '+c' };
    expect(
      devicesToCsv({ ...report, summary: { ...report.summary, devices: [device], hosts: [] } }),
    ).toContain("\r\n'-a,'@b,'+c,0.613,");
  });

  it('leaves the field of an unknown figure empty', () => {
    const report = sampleReport();
    const hosts = [{ server: 's', cpuCores: Number.POSITIVE_INFINITY, coresBusy: Number.NaN }];
    const csv = devicesToCsv({ ...report, summary: { ...report.summary, devices: [], hosts } });
    expect(csv).toContain('\r\ns,host CPU,CPU,,,,,\r\n');
  });

  it('leaves it open whether an SLO is met of which no request was counted', () => {
    const report = sampleReport();
    const [tenant] = report.summary.tenants;
    const unknown = { value: Number.NaN, low: Number.NaN, high: Number.NaN };
    const idle = { ...tenant!, slo: { ...tenant!.slo!, attainment: unknown, met: null } };
    const csv = tenantsToCsv({ ...report, summary: { ...report.summary, tenants: [idle] } });
    const [header, row] = readCsv(csv);
    expect(row![header!.indexOf('slo_met')]).toBe('');
  });

  it('keeps every row as long as the header and every name such that it can be told, whatever the report', () => {
    fc.assert(
      fc.property(arbitraryReport, (report) => {
        const rows = readCsv(tenantsToCsv(report));
        expect(new Set(rows.map((row) => row.length)).size).toBe(1);
        expect(rows.slice(1).map(([tenant]) => nameIn(tenant!))).toEqual(
          report.summary.tenants.map(({ tenant }) => tenant),
        );
        const devices = readCsv(devicesToCsv(report));
        expect(new Set(devices.map((row) => row.length)).size).toBe(1);
      }),
      { numRuns: cases(200) },
    );
  });
});

/** The name that a cell shows: what a spreadsheet would run as a formula stands behind an apostrophe. */
function nameIn(cell: string): string {
  return cell.replace(/^'(?='*[=+\-@\t\r\n])/, '');
}

/** A reader of RFC 4180 that shares nothing with the writer. */
function readCsv(text: string): string[][] {
  const fields = [...text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)];
  expect(fields.map(([all]) => all).join('')).toBe(text);
  const rows: string[][] = [[]];
  for (const [, quoted, plain, end] of fields) {
    rows.at(-1)!.push(quoted?.replaceAll('""', '"') ?? plain!);
    if (end === '\r\n') rows.push([]);
  }
  return rows.slice(0, -1);
}
