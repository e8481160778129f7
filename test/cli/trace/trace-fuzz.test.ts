import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { InputError } from '../../../src/base/problem.js';
import { parseProcess } from '../../../src/cli/commands/trace/single-tenant.js';
import { traceCommand } from '../../../src/cli/commands/trace.js';
import { UsageError } from '../../../src/cli/usage-mistake.js';
import { readTrace } from '../../../src/node/scenario/trace-files.js';
import { cases } from '../../support/cases.js';
import { mutatedText, onlyInputErrors } from '../../trace/arbitrary-trace.js';
import { runCommand } from '../in-process.js';

const folder = mkdtempSync(join(tmpdir(), 'perseus-fuzz-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const small = join(folder, 'small.csv');
writeFileSync(small, 'arrival_us,tenant\n0,a\n500000,b\n1000000,a\n');
const counts = join(folder, 'counts.txt');
writeFileSync(counts, '2 0 3\n1\n');
const rates = join(folder, 'rates.json');
writeFileSync(rates, '[{"metric":{"a":"x"},"values":[[1700000000,"1"],[1700000015,"3"]]}]');

const number = fc.constantFrom('0', '1', '-1', '2.5', '1e-9', '1e9', '1e308', 'Infinity', 'NaN', 'x', '');
const word = fc.oneof(
  number,
  fc.constantFrom('a', 'a,b', ',', '=', 'a=b', '__proto__', '{', 'even', 'app', 'rate'),
);

/** Options with values that may be right or wrong. */
function options(...names: string[]): fc.Arbitrary<string[]> {
  const option = fc.tuple(fc.constantFrom(...names), fc.oneof(number, word));
  return fc
    .array(option, { maxLength: 4 })
    .map((chosen) => chosen.map(([name, value]) => `--${name}=${value}`));
}

const commandLine = fc.oneof(
  options('rate', 'time', 'seed').map((given) => ['scale', small, ...given]),
  options('start', 'end', 'rebase').map((given) => ['slice', small, ...given]),
  options('tenants', 'by').map((given) => ['map', small, ...given]),
  options('tenants').map((given) => ['select', small, ...given]),
  fc.array(word, { minLength: 1, maxLength: 3 }).map((names) => ['rename', small, ...names]),
  options('bin', 'start', 'end', 'seed', 'spread', 'max-requests', 'tenants', 'tenant').map((given) => [
    ...['import', counts, '--from', 'counts', ...given],
  ]),
  options('values', 'tenant-by', 'start', 'seed', 'tenant').map((given) => [
    ...['import', rates, '--from', 'prometheus', ...given],
  ]),
  options('rate', 'cv', 'duration', 'batch-size', 'request-bytes', 'tenant', 'process-json').map((given) => [
    ...['generate', '--process', 'gamma', '--duration', '1', ...given],
  ]),
);

describe('fuzzed input of trace commands', () => {
  it('command lines write a trace or end with a clear error, and leave nothing half-written', async () => {
    await fc.assert(
      fc.asyncProperty(commandLine, async (words) => {
        const { code, error } = await runCommand(traceCommand, [
          ...['trace', ...words, '--out', join(folder, 'out.csv')],
        ]);
        if (code === 0) await readTrace(join(folder, 'out.csv'));
        else expect(error instanceof InputError || error instanceof UsageError).toBe(true);
        expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
      }),
      { numRuns: cases(300) },
    );
  });

  it('texts of processes give a process or problems', () => {
    fc.assert(
      fc.property(mutatedText('{kind: counts, counts: [1, 2], binS: 1}'), (text) => {
        onlyInputErrors(() => parseProcess(text, '--process-json'));
      }),
      { numRuns: cases(500) },
    );
  });
});
