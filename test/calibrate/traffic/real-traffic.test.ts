import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { rebuildExecutions } from '../../../src/calibrate/traffic/executions.js';
import { calibrateFromCounters } from '../../../src/calibrate/traffic/from-counters.js';
import { calibrateFromTritonTrace } from '../../../src/calibrate/traffic/from-triton-trace.js';
import { driftCommand } from '../../../src/cli/commands/profile/drift.js';
import { serializeProfile } from '../../../src/profile/parse.js';
import { serviceTime } from '../../../src/profile/service-time.js';
import { readTritonTrace } from '../../../src/trace/import/triton-trace.js';
import { runCommand } from '../../cli/in-process.js';

/** Recorded on a real Triton: see the README there. */
const FOLDER = join(import.meta.dirname, '../../fixtures/traffic');
const FACTS = { device: 'CPU', source: 'test', date: '2026-11-26' };

const trace = gunzipSync(readFileSync(join(FOLDER, 'trace.json.gz'))).toString();
const pages = [0, 1, 2, 3, 4].map((i) => join(FOLDER, `metrics-${i}.txt`));

const traced = calibrateFromTritonTrace(trace, FACTS);
const counted = calibrateFromCounters(
  pages.map((file) => ({ file, text: readFileSync(file, 'utf8') })),
  FACTS,
);
const ranker = traced.find(({ profile }) => profile.model === 'ranker')!.profile;

describe('traffic that a real Triton recorded', () => {
  it('falls into batches of up to max_batch_size, every request in one', () => {
    const requests = readTritonTrace(trace);
    const { models, withoutExecution } = rebuildExecutions(requests);
    expect(withoutExecution).toBe(0);
    expect(models.map(({ model }) => model)).toEqual(['mlp', 'ranker', 'vision']);
    const sizes = models.flatMap(({ executions }) => executions.map((each) => each.requests));
    expect(Math.max(...sizes)).toBeLessThanOrEqual(8);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(requests.length);
  });

  it('in a trace gives the service times of the sleeping model, and what the backend adds to them', () => {
    for (const { batchSize, inferMs } of ranker.service) {
      const programmedMs = 2 + 0.25 * batchSize;
      expect(inferMs).toBeGreaterThan(programmedMs);
      expect(inferMs).toBeLessThan(programmedMs + 0.6);
    }
    expect(ranker.frontEnd.perRequestUs).toBeGreaterThan(5);
    expect(ranker.response.fixedUs + ranker.response.perRequestUs).toBeLessThan(200);
  });

  it('in counters gives about the same line', () => {
    expect(counted.map(({ profile }) => profile.model)).toEqual(['ranker']);
    for (const batchSize of [2, 4, 6]) {
      const { inferMs } = serviceTime(counted[0]!.profile, batchSize);
      expect(Math.abs(inferMs / serviceTime(ranker, batchSize).inferMs - 1)).toBeLessThan(0.15);
    }
  });

  it('makes valid profiles of every model', () => {
    for (const { profile } of [...traced, ...counted])
      expect(() => serializeProfile(profile), profile.model).not.toThrow();
  });

  it('has not drifted from itself, also as counters of another hour; half of it has', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'perseus-traffic-'));
    const stored = (name: string, factor: number) => {
      const service = ranker.service.map((point) => ({ ...point, inferMs: point.inferMs * factor }));
      writeFileSync(join(folder, name), serializeProfile({ ...ranker, service }));
      return join(folder, name);
    };
    const exitCode = async (...words: string[]) => {
      process.exitCode = 0;
      const { error } = await runCommand(driftCommand as never, ['drift', ...words]);
      expect(error).toBeUndefined();
      return process.exitCode;
    };
    try {
      const same = stored('same.profile.json', 1);
      const half = stored('half.profile.json', 0.5);
      const gz = join(FOLDER, 'trace.json.gz');
      expect(await exitCode(same, '--trace', gz)).toBe(0);
      expect(await exitCode(same, '--metrics', ...pages, '--tolerance', '15')).toBe(0);
      expect(await exitCode(half, '--trace', gz)).toBe(1);
      expect(await exitCode(half, '--metrics', ...pages, '--tolerance', '15')).toBe(1);
    } finally {
      process.exitCode = 0;
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
