import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { serializeProfile } from '../src/profile/parse.js';
import { soloProfiles } from './mlperf/solo-profiles.js';
import { readNvidiaTables } from './nvidia/tables.js';
import { readFrontEnds } from './profiles/front-ends.js';
import { parvaGpuProfiles } from './profiles/parvagpu.js';
import { tritonTableProfiles } from './profiles/triton-tables.js';
import { withValidations } from './profiles/validation.js';

/** The text of every profile built from public tables, by file below `calibration/`. */
export function buildProfiles(tables: string): ReadonlyMap<string, string> {
  const profiles = [
    ...withValidations(
      tritonTableProfiles(join(tables, 'triton_offline.csv'), readFrontEnds()),
      readNvidiaTables(tables).tables,
    ),
    ...parvaGpuProfiles(join(tables, 'parvagpu_a100_mig.csv')),
    ...soloProfiles(join(tables, 'mlperf_gpu_results.csv')),
  ];
  return new Map(profiles.map(([file, profile]) => [file, serializeProfile(profile)]));
}

function main(): void {
  const profiles = buildProfiles(process.argv[2] ?? '../shared/data/profiles');
  for (const [file, text] of profiles) {
    const path = join('calibration', file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  process.stdout.write(`${profiles.size} profiles written to calibration/\n`);
}

if (import.meta.url === pathToFileURL(resolve(process.argv[1] ?? '')).href) main();
