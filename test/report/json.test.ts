import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../src/base/canonical-json.js';
import { InputError } from '../../src/base/problem.js';
import { parseReport, reportToJson } from '../../src/report/json.js';
import { cases } from '../support/cases.js';
import { arbitraryReport } from './arbitrary-report.js';
import { sampleReport } from './sample-report.js';

describe('canonical JSON', () => {
  it('orders keys, rounds fractions to nine digits, keeps integers, and has null for what is no number', () => {
    const value = { b: [1 / 3, 123456789012, -0], a: { d: Number.NaN, c: undefined, e: 'x' }, format: 'f' };
    expect(canonicalJson(value, ['format'])).toBe(
      '{\n  "format": "f",\n  "a": {"d": null, "e": "x"},\n  "b": [0.333333333, 123456789012, 0]\n}\n',
    );
  });

  it('means what JSON.stringify means, whatever the value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const rounded = JSON.parse(canonicalJson(value));
        expect(canonicalJson(rounded)).toBe(canonicalJson(value));
        const withoutFractions = JSON.parse(
          JSON.stringify(value, (_, v) => (typeof v === 'number' ? Math.trunc(v) : v)),
        );
        expect(JSON.parse(canonicalJson(withoutFractions))).toEqual(withoutFractions);
      }),
      { numRuns: cases(300) },
    );
  });

  it('does not depend on the order in which an object was built', () => {
    expect(canonicalJson({ x: 1, y: 2 })).toBe(canonicalJson({ y: 2, x: 1 }));
  });
});

describe('the JSON report', () => {
  it('names its format first', () => {
    expect(reportToJson(sampleReport())).toMatch(/^\{\n {2}"format": "perseus-report\/1",\n/);
  });

  it('reads back as the same report', () => {
    const report = sampleReport();
    const read = parseReport(reportToJson(report));
    expect(read.summary.tenants[0]!.latencyMs.percentiles).toEqual(
      report.summary.tenants[0]!.latencyMs.percentiles.map(({ percentile, ms }) => ({
        percentile,
        ms: { value: ms.value, low: expect.closeTo(ms.low, 6), high: expect.closeTo(ms.high, 6) },
      })),
    );
    expect(read.provenance).toEqual(report.provenance);
    expect(reportToJson(read)).toBe(reportToJson(report));
  });

  it('survives reading and writing byte by byte, whatever the report', () => {
    fc.assert(
      fc.property(arbitraryReport, (report) => {
        const json = reportToJson(report);
        expect(reportToJson(parseReport(json))).toBe(json);
      }),
      { numRuns: cases(200) },
    );
  });

  it('reads a host without limit and a figure that cannot be told as what they were', () => {
    const report = sampleReport();
    const hosts = [{ server: 'host-a', cpuCores: Number.POSITIVE_INFINITY, coresBusy: Number.NaN }];
    const read = parseReport(reportToJson({ ...report, summary: { ...report.summary, hosts } }));
    expect(read.summary.hosts).toEqual(hosts);
  });

  it('names every mistake with its line', () => {
    const json = reportToJson(sampleReport())
      .replace('"runs": 5', '"runs": "five"')
      .replace('"stability": "stable"', '"stability": "fine"');
    const error = catchError(() => parseReport(json, { file: 'run.json' }));
    expect(error.problems.map(({ path }) => path)).toEqual(['summary.runs', 'summary.tenants[0].stability']);
    for (const problem of error.problems) {
      expect(problem.file).toBe('run.json');
      expect(problem.line).toBeGreaterThan(1);
    }
  });

  it('refuses another format', () => {
    const json = reportToJson(sampleReport()).replace('perseus-report/1', 'perseus-report/9');
    expect(catchError(() => parseReport(json)).message).toContain('format');
  });

  it('says why a text is not JSON, on one line', () => {
    const json = reportToJson(sampleReport()).replace('"runs": 5', "'runs': 5");
    expect(catchError(() => parseReport(json)).message).toMatch(
      /^is not JSON \(.+\); give the JSON form .*$/,
    );
  });

  it('refuses YAML that means the same', () => {
    const json = reportToJson(sampleReport()).replace('{', '# a comment\n{');
    expect(catchError(() => parseReport(json)).message).toContain('is not JSON');
  });
});

function catchError(run: () => unknown): InputError {
  try {
    run();
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
  throw new Error('expected an InputError');
}
