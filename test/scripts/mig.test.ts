import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { resultFiles, verdict } from '../../scripts/mig/readme.js';
import { reproduceMig } from '../../scripts/mig/reproduction.js';

const folder = mkdtempSync(join(tmpdir(), 'perseus-mig-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const HEAD = 'model,mig_gpcs,batch,processes,throughput_per_s,latency_s';

/** What other cells than the published ones give, in the same form. */
function predicted(rows: readonly string[], head = HEAD) {
  const file = join(folder, 'cells.csv');
  writeFileSync(file, [head, ...rows, ''].join('\n'));
  return reproduceMig({ file, isShipped: false, leftOut: undefined });
}

describe('processes on a MIG slice, of other cells', () => {
  it('are predicted from lone processes where none was measured beside another', () => {
    const { points } = predicted(['new,7,1,1,100,0.010', 'new,7,2,1,180,0.0111', 'new,7,1,4,50,0.020']);
    expect(points).toHaveLength(2);
    for (const { low, predicted: value, high } of points) {
      expect(low).toBeLessThan(value);
      expect(value).toBeLessThan(high);
    }
  });

  it('have wider intervals than those that were measured beside each other', () => {
    const lone = ['new,7,1,1,100,0.010', 'new,7,2,1,180,0.0111', 'new,7,1,4,50,0.020'];
    const width = ({ points }: ReturnType<typeof predicted>) =>
      points.map(({ low, high, predicted: value }) => (high - low) / value);
    const [throughput, latency] = width(predicted([...lone, 'new,7,1,2,90,0.011', 'new,7,1,3,70,0.0143']));
    const [loneThroughput, loneLatency] = width(predicted(lone));
    expect(loneThroughput).toBeGreaterThan(throughput!);
    expect(loneLatency).toBeGreaterThan(latency!);
  });

  it('may share a slice at no cost where one batch size alone was measured, which counts as filling it', () => {
    const { points } = predicted(['new,7,1,1,100,0.010', 'new,7,1,4,90,0.0111']);
    for (const { low, measured, high } of points) {
      expect(low).toBeLessThanOrEqual(measured);
      expect(high).toBeGreaterThanOrEqual(measured);
    }
    expect(points.find(({ metric }) => metric === 'latencyMs')!.high).toBeLessThan(50);
  });

  it('give a page that says that there is nothing to compare', () => {
    const nothing = predicted(['new,7,1,4,50,0.020']);
    expect(verdict(nothing)).toBe(
      'There are no cells of four and more processes to compare. 1 cells have no lone process of their batch to start from.',
    );
    expect(resultFiles(nothing, 'perseus 0').get('README.md')).toContain('There are no cells');
  });

  it('are refused where a column is missing, once for all rows', () => {
    const rows = ['new,7,1,1,100', 'new,7,1,4,50'];
    expect(() => predicted(rows, HEAD.replace(',latency_s', ''))).toThrow(
      /^\S+cells\.csv:1: latency_s: there is no such column; add it to the head$/,
    );
  });

  it('are refused where a cell comes twice, and where a slice is none', () => {
    expect(() => predicted(['new,7,1,1,100,0.010', 'new,7,1,1,101,0.010'])).toThrow(
      /:3: processes: is of a cell that an earlier row has/,
    );
    expect(() => predicted(['new,constructor,1,1,100,0.010'])).toThrow(/:2: mig_gpcs: is "constructor"/);
  });
});
