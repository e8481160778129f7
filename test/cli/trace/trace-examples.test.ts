import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { subcommands } from '../../../src/cli/commands/trace/subcommands.js';
import { traceCommand } from '../../../src/cli/commands/trace.js';
import { examplesIn, runCommand } from '../in-process.js';

const folder = mkdtempSync(join(tmpdir(), 'perseus-examples-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
writeFileSync(join(folder, 'gateway.csv'), 'ts,model\n1700000000000,m\n1700000000500,n\n');
writeFileSync(join(folder, 'counts.txt'), '3\n1\n4\n');
writeFileSync(join(folder, 'day.csv'), 'app,func,end_timestamp,duration\na,f,2,1\na,g,3,1\n');
const stored = (labels: string) =>
  `[{"metric":{${labels}"model":"m"},"values":[[1700000000,"1"],[1700000015,"3"]]}]`;
const counter = '"__name__":"nv_inference_request_success",';
writeFileSync(join(folder, 'day.json'), stored(counter));
writeFileSync(join(folder, 'rates.json'), stored(''));

/** Files of the repository are read where they are, all others lie in a folder of their own. */
function inFolder(word: string): string {
  if (word.startsWith('traces/')) return resolve(word);
  return /^[\w-]+\.(csv|arrow|parquet|txt|json)$/.test(word) ? join(folder, word) : word;
}

describe('the help of every trace command', () => {
  const names = subcommands.map(({ command }) => String(command).split(' ')[0]!);

  it.each(names)('has examples of %s that work', async (name) => {
    const { stdout } = await runCommand(traceCommand, ['trace', name, '--help']);
    const examples = examplesIn(stdout);
    expect(examples.length).toBeGreaterThan(0);
    for (const words of examples) {
      expect(words.slice(0, 2)).toEqual(['trace', name]);
      const { code, stderr } = await runCommand(traceCommand, words.map(inFolder));
      expect(stderr).not.toContain('problem');
      expect(code).toBe(0);
    }
  });

  it('leaves no temporary file behind', () => {
    expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
  });
});
