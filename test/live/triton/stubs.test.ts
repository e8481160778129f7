import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import {
  buildFields,
  FIELDS_FILE,
  STUBS_FOLDER as folder,
  shortened,
} from '../../../scripts/build-fields.js';

const root = resolve(import.meta.dirname, '../../..');

it('the messages and the service are those that buf makes of proto/', () => {
  const fresh = mkdtempSync(join(tmpdir(), 'perseus-stubs-'));
  try {
    const buf = join(root, 'node_modules/.bin/buf');
    execFileSync(buf, ['generate', '--output', fresh], { cwd: root, timeout: 60_000 });
    const files = readdirSync(join(root, folder));
    expect(files.sort()).toEqual(['grpc_service_pb.ts', 'model_config_pb.ts']);
    for (const file of files) {
      expect(readFileSync(join(root, folder, file), 'utf8')).toBe(
        shortened(readFileSync(join(fresh, folder, file), 'utf8')),
      );
    }
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
});

it('the fields of config.pbtxt in the core are those of proto/', () => {
  expect(readFileSync(join(root, FIELDS_FILE), 'utf8')).toBe(buildFields());
});
