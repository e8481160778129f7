import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { RepositoryModel } from '../../../scripts/triton/repository-model.js';
import { serializeProfile } from '../../../src/profile/parse.js';
import { profile } from '../../support/scenario.js';

/** Models of a server that things go wrong with; executions take a few milliseconds. */
export const FAULT_MODELS: readonly RepositoryModel[] = [
  { kind: 'sleeping', name: 'steady', fixedUs: 3000, itemUs: 300, dynamicBatching: {} },
  { kind: 'sleeping', name: 'doomed', fixedUs: 3000, itemUs: 300, dynamicBatching: {} },
  { kind: 'sleeping', name: 'slow', fixedUs: 20_000, itemUs: 0, maxBatchSize: 1, dynamicBatching: {} },
];

export interface FaultFolder {
  readonly folder: string;
  path(name: string): string;
  /** Writes a scenario of one model under Poisson arrivals, with a profile, and gives its path. */
  scenario(name: string, options: { model: string; ratePerS?: number; durationS?: number }): string;
  remove(): void;
}

export function faultFolder(): FaultFolder {
  const folder = mkdtempSync(join(tmpdir(), 'perseus-faults-'));
  const path = (name: string) => join(folder, name);
  return {
    folder,
    path,
    scenario: (name, { model, ratePerS = 100, durationS = 30 }) => {
      mkdirSync(path('profiles'), { recursive: true });
      const measured = profile(model, 3, 0.3, { device: 'CPU' });
      writeFileSync(path(`profiles/${model}.profile.json`), serializeProfile(measured));
      writeFileSync(path(name), scenarioText(model, ratePerS, durationS));
      return path(name);
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function scenarioText(model: string, ratePerS: number, durationS: number): string {
  return `perseus: 1
name: fault
durationS: ${durationS}
warmUpS: 0
profiles: [profiles]
servers:
  - name: triton
    models:
      - {name: ${model}, config: {max_batch_size: 8, dynamic_batching: {}, instance_group: [{kind: KIND_CPU}]}}
tenants:
  - name: people
    model: ${model}
    load: {process: {kind: poisson, ratePerS: ${ratePerS}}}
`;
}

/** The measured points of a calibration by file name; each must be whole, and nothing else may lie there. */
export function keptPoints(folder: string): Map<string, string> {
  const points = join(folder, 'points');
  const names = readdirSync(points);
  const texts = names.map((name) => [name, readFileSync(join(points, name), 'utf8')] as const);
  for (const [name, text] of texts) {
    expect(name).toMatch(/^[\w~.-]+\.json$/);
    expect(JSON.parse(text)).toHaveProperty('experiment.id');
  }
  expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  return new Map(texts);
}

/** The column `outcome` of a request log. */
export function outcomesIn(csv: string): string[] {
  const [head, ...rows] = readFileSync(csv, 'utf8').trim().split('\n');
  const column = head!.split(',').indexOf('outcome');
  return rows.map((row) => row.split(',')[column]!);
}
