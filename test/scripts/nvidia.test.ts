import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { rowsToFit, tablesToFit } from '../../scripts/nvidia/fit.js';
import { type LeaveOut, leaveEachOut } from '../../scripts/nvidia/left-out.js';
import type { Point } from '../../scripts/nvidia/predict.js';
import { resultFiles, summary, TARGET_PERCENT } from '../../scripts/nvidia/readme.js';
import { reproduceNvidia } from '../../scripts/nvidia/reproduction.js';
import { OFFLINE, ONLINE, readNvidiaTables } from '../../scripts/nvidia/tables.js';
import { metricError } from '../../scripts/support/errors-by.js';
import { type Row, readTable } from '../../scripts/support/source-table.js';
import { groupBy } from '../../src/base/group-by.js';

const SHARED = join(import.meta.dirname, '../../../shared/data/profiles');
const folder = mkdtempSync(join(tmpdir(), 'perseus-nvidia-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const OFFLINE_HEAD =
  'source_path,gpu,backend,accelerator,precision,max_batch,instances,max_queue_delay_raw,preferred_batch,client_batch,inf_per_s,p50_ms,p90_ms,p95_ms,p99_ms,avg_ms,queue_ms,compute_input_ms,compute_infer_ms,compute_output_ms';
const ONLINE_HEAD =
  'source_path,gpu,backend,accelerator,precision,max_batch,instances,max_queue_delay_raw,preferred_batch,client_batch,concurrency,inf_per_s,client_send_ms,network_ms,queue_ms,compute_input_ms,compute_infer_ms,compute_output_ms,client_recv_ms,p50_ms,p90_ms,p95_ms,p99_ms,avg_ms';
/** A page, a GPU and a backend that nothing here knows. */
const SET_UP = 'PyTorch/Detection/Other/triton/README.md,NVIDIA L99 with FP16,NewBackend,,FP16,,,,';

function write(offline: readonly string[], online: readonly string[]) {
  writeFileSync(join(folder, 'triton_offline.csv'), [OFFLINE_HEAD, ...offline, ''].join('\n'));
  writeFileSync(join(folder, 'triton_online.csv'), [ONLINE_HEAD, ...online, ''].join('\n'));
}
const offlineRow = (batch: number, ms: number) => `${SET_UP},${batch},${(1000 * batch) / ms},,,,,${ms},,,,`;
const onlineRow = (closedLoopClients: number, ms: number) =>
  `${SET_UP},1,${closedLoopClients},${(1000 * closedLoopClients) / ms},0,0,${ms - 10},0,10,0,0,,,,,${ms}`;

describe("NVIDIA's tables", () => {
  it('predict pages, GPUs and backends that are not known', () => {
    write(
      [offlineRow(1, 10), offlineRow(2, 16), offlineRow(4, 28)],
      [1, 4, 8].map((n) => onlineRow(n, 10 * n)),
    );
    const { tables } = readNvidiaTables(folder);
    expect(tables).toHaveLength(1);
    expect(tables[0]).toMatchObject({ name: 'other-newbackend-fp16', device: 'L99', isCnn: true });
    const reproduction = reproduceNvidia({ tables, withoutOffline: [] });
    // Of three rows the fit sees the first and the last; two figures are left.
    expect(reproduction.points).toHaveLength(2);
    const made = 'perseus 0, commit c';
    const files = resultFiles(reproduction, made);
    expect([...files]).toEqual([...resultFiles(reproduceNvidia({ tables, withoutOffline: [] }), made)]);
    expect(JSON.parse(files.get('points.json')!).points[0]).toMatchObject({
      tenant: expect.any(String),
      metric: expect.any(String),
      measured: expect.any(Number),
      measuredSpread: null,
      predicted: expect.any(Number),
      low: expect.any(Number),
      high: expect.any(Number),
      errorPercent: expect.any(Number),
    });
  });

  it('names every row that cannot be read', () => {
    write(
      [`${offlineRow(1, 10)},1`, offlineRow(2, 16).replace(',16,', ',x,')],
      [onlineRow(1, 10).replace(',10,', ',-1,')],
    );
    expect(() => readNvidiaTables(folder)).toThrow(/triton_offline\.csv:2: [\s\S]*triton_offline\.csv:3: /);
  });

  it('are refused where a latency is of another unit than the throughput or its parts', () => {
    const slow = (line: string) => line.replace(/,10$/, ',0.01');
    const queue = onlineRow(4, 40)
      .split(',')
      .with(ONLINE_HEAD.split(',').indexOf('queue_ms'), '30000')
      .join(',');
    write([offlineRow(1, 10)], [slow(onlineRow(1, 10)), queue]);
    expect(() => readNvidiaTables(folder)).toThrow(
      /online\.csv:2: avg_ms: is 0\.01 ms, and by inf_per_s 10\.0 ms; [\s\S]*online\.csv:3: avg_ms: is 40 ms, and its parts /,
    );
  });

  it('of a single table have wide intervals whatever the fit saw of it', () => {
    const frontEnds = {};
    const large = (line: string) =>
      line
        .replace('PyTorch/Detection/Other', 'PyTorch/Classification/ConvNets')
        .replace('NewBackend', 'ONNX Runtime');
    write(
      [offlineRow(1, 10), offlineRow(2, 16), offlineRow(4, 28)].map(large),
      [1, 4, 8].map((n) => large(onlineRow(n, 10 * n))),
    );
    const { points } = reproduceNvidia(readNvidiaTables(folder), {
      published: { frontEnds, deviation: 0.2 },
    });
    for (const { low, high, predicted } of points) expect((high - low) / predicted).toBeGreaterThan(0.78);
  });

  it('lists tables without an offline table instead of predicting them', () => {
    write([], [onlineRow(1, 10)]);
    const { tables, withoutOffline } = readNvidiaTables(folder);
    expect(tables).toHaveLength(0);
    expect(withoutOffline).toHaveLength(1);
  });

  it('that are left out of the fit are predicted in every row', () => {
    write(
      [offlineRow(1, 10), offlineRow(2, 16), offlineRow(4, 28)],
      [1, 4, 8].map((n) => onlineRow(n, 10 * n)),
    );
    const { points } = reproduceNvidia(readNvidiaTables(folder), { isLeftOut: () => true });
    expect(points).toHaveLength(6);
  });

  it('have wider intervals where little of theirs was seen, and where nothing was', () => {
    write(
      [offlineRow(1, 10), offlineRow(2, 16), offlineRow(4, 28)],
      [1, 4, 8].map((n) => onlineRow(n, 10 * n)),
    );
    const read = readNvidiaTables(folder);
    const widthOf = (points: readonly Point[]) => {
      const { low, high, predicted } = points.find(({ concurrency }) => concurrency === 4)!;
      return (high - low) / predicted;
    };
    // One small table tells little of how others fare.
    expect(widthOf(reproduceNvidia(read).points)).toBeGreaterThan(0.5);
    const published = { frontEnds: {}, deviation: 0.2 };
    const lone = {
      ...read,
      tables: read.tables.map((table) => ({ ...table, online: table.online.slice(1, 2) })),
    };
    expect(widthOf(reproduceNvidia(lone, { published }).points)).toBeGreaterThan(2 * 1.96 * 0.2);
  });

  it('of a GPU whose front end lost rows that are left out have intervals by the rows of all GPUs', () => {
    const page = 'PyTorch/Detection/Second/triton/README.md';
    const onPage = (line: string) => line.replace(/^[^,]+/, page);
    const onGpu = (line: string) => line.replace('L99', 'L98');
    // On the other GPU more clients take longer than any front end tells.
    const offline = [offlineRow(1, 10), offlineRow(2, 16), offlineRow(4, 28)];
    const clients = [1, 4, 8];
    const online = clients.map((n) => onlineRow(n, 10 * n));
    const slow = clients.map((n) => onlineRow(n, 14 * n));
    write(
      [...offline, ...offline.map(onPage), ...offline.map(onGpu)],
      [...online, ...online.map(onPage), ...slow.map(onGpu)],
    );
    const read = readNvidiaTables(folder);
    const widthOf = (leftOut: string) => {
      const { points } = reproduceNvidia(read, {
        isLeftOut: ({ page: own }) => own.includes(leftOut),
      });
      const { low, high, predicted } = points.find(
        ({ model, device, concurrency }) =>
          model.startsWith('other') && device === 'L99' && concurrency === 4,
      )!;
      return (high - low) / predicted;
    };
    expect(widthOf('Second')).toBeGreaterThan(1.5 * widthOf('nothing'));
  });

  it('of one or two rows are predicted, not fitted to', () => {
    write([offlineRow(1, 10), offlineRow(2, 16), offlineRow(4, 28)], [onlineRow(4, 40)]);
    expect(reproduceNvidia(readNvidiaTables(folder)).points).toHaveLength(2);
  });

  it('are judged against what was asked for their kind, whatever they are called', () => {
    write([offlineRow(1, 10), offlineRow(2, 16), offlineRow(4, 28)], [onlineRow(4, 40)]);
    const text = summary(reproduceNvidia(readNvidiaTables(folder)));
    expect(text).toMatch(/Of CNNs whose clients send their inputs: .* asked for is 8 %/);
    expect(text).not.toContain('other models');
    expect(summary({ gpus: [], points: [], withoutOffline: ['one'], isShipped: false })).toMatch(
      /^There are no online rows to compare\.\nNot predicted, because there is no offline table: one\.\n/,
    );
  });

  it('lack no column, and tell all parts of a latency or none', () => {
    const without = (name: string) => {
      const at = ONLINE_HEAD.split(',').indexOf(name);
      const drop = (line: string) => line.split(',').toSpliced(at, 1).join(',');
      write([offlineRow(1, 10)], []);
      const lines = [ONLINE_HEAD, onlineRow(1, 10), onlineRow(4, 40)].map(drop);
      writeFileSync(join(folder, ONLINE), lines.join('\n'));
      return () => readNvidiaTables(folder);
    };
    expect(without('concurrency')).toThrow(/^\S+online\.csv:1: concurrency: there is no such column[^\n]*$/);
    expect(without('precision')).toThrow(/^\S+online\.csv:1: precision: there is no such column[^\n]*$/);
    const part = onlineRow(4, 40).split(',').with(ONLINE_HEAD.split(',').indexOf('queue_ms'), '').join(',');
    write([offlineRow(1, 10)], [part]);
    expect(() => readNvidiaTables(folder)).toThrow(
      /:2: queue_ms: is empty, and other parts of the latency are not/,
    );
  });

  it('are predicted in every row without their family, and without their GPU', () => {
    write(
      [offlineRow(1, 10), offlineRow(2, 16), offlineRow(4, 28)],
      [1, 4, 8].map((n) => onlineRow(n, 10 * n)),
    );
    const { tables } = readNvidiaTables(folder);
    const leftOut = (by: LeaveOut) =>
      leaveEachOut(by, { tables }, () => {}).points.map((each) => each.leftOut);
    expect(leftOut('family')).toEqual(Array.from({ length: 6 }, () => 'other'));
    expect(leftOut('gpu')).toEqual(Array.from({ length: 6 }, () => 'L99'));
  });
});

const isThere = [OFFLINE, ONLINE].every((name) => existsSync(join(SHARED, name)));

describe.each(['family', 'gpu'])('published figures with each %s left out', (by) => {
  it('lie in their 95 % intervals at least 88 of 100 times, each by itself', () => {
    const rows = readTable(join(import.meta.dirname, `../../results/nvidia/left-out-${by}.csv`));
    for (const own of groupBy(rows, (row) => row['leftOut']!).values()) {
      const isInside = ({ measured, low, high }: Row) =>
        Number(low) <= Number(measured) && Number(measured) <= Number(high);
      expect(own.filter(isInside).length / own.length).toBeGreaterThanOrEqual(0.88);
    }
  });
});

describe.skipIf(!isThere)("NVIDIA's tables, where they are", () => {
  it('have one front-end fit for each GPU, which sees four online rows at most', () => {
    const { tables } = readNvidiaTables(SHARED);
    for (const device of new Set(tables.map((table) => table.device))) {
      const seen = tablesToFit(tables.filter((table) => table.device === device));
      const rows = seen.flatMap(rowsToFit);
      expect(rows.length).toBeGreaterThan(0);
      expect(rows.length).toBeLessThanOrEqual(4);
    }
  });

  it('have a published result in which no row of a fit is a point', () => {
    const { points } = published();
    const { tables } = readNvidiaTables(SHARED);
    for (const device of new Set(tables.map((table) => table.device))) {
      const own = tables.filter((table) => table.device === device);
      const fitted = tablesToFit(own).reduce((sum, table) => sum + rowsToFit(table).length, 0);
      const online = own.reduce((sum, table) => sum + table.online.length, 0);
      const counted = points.filter((point) => point.device === device);
      expect(counted).toHaveLength(2 * (online - fitted));
    }
  });

  it('have a published result that holds what was asked', () => {
    const cnn = published().points.filter(({ isCnn }) => isCnn);
    expect(metricError(cnn, 'throughputPerS')).toBeLessThanOrEqual(TARGET_PERCENT);
    expect(metricError(cnn, 'meanMs')).toBeLessThanOrEqual(TARGET_PERCENT);
  });
});

function published(): { readonly points: readonly Point[] } {
  return JSON.parse(readFileSync(join(import.meta.dirname, '../../results/nvidia/points.json'), 'utf8'));
}
