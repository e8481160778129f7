import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readTrace } from '../../src/node/scenario/trace-files.js';
import { formatTraceCsv } from '../../src/trace/csv.js';
import { traceLength } from '../../src/trace/trace.js';

const files = readdirSync('traces').filter((file) => !file.endsWith('.md'));

describe('the traces that come with perseus', () => {
  test('are there', () => {
    expect(files.length).toBeGreaterThanOrEqual(3);
  });

  test.each(files)('%s is what the note beside it says', async (file) => {
    const note = readFileSync(`traces/${file.replace(/\.csv(\.gz)?$/, '.md')}`, 'utf8');
    const trace = await readTrace(`traces/${file}`);
    const hash = createHash('sha256').update(formatTraceCsv(trace)).digest('hex');
    expect(note).toContain(`\`${hash}\``);
    expect(note).toContain(`| length | ${trace.durationUs / 1e6} s, ${traceLength(trace)} requests`);
    for (const name of trace.tenants) expect(note).toContain(`\`${name}\``);
    for (const row of ['origin', 'attribution', 'licence', 'columns']) expect(note).toContain(`| ${row} | `);
    expect(trace.source).toBeDefined();
  });
});
