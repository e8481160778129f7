import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { maxUnpackedBytes, setMaxUnpackedBytes } from '../../src/node/files/input-limit.js';
import { readInput } from '../../src/node/files/input-pieces.js';
import { readText } from '../../src/node/files/read-text.js';
import { readTrace } from '../../src/node/scenario/trace-files.js';

const folder = mkdtempSync(join(tmpdir(), 'perseus-pieces-'));
afterAll(() => rmSync(folder, { recursive: true }));
const usual = maxUnpackedBytes();
afterEach(() => setMaxUnpackedBytes(usual));

function file(name: string, content: Uint8Array | string): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

const csv = `arrival_us\n${Array.from({ length: 500_000 }, (_, i) => i).join('\n')}\n`;

describe('what a file unpacks to', () => {
  it('is limited, and the limit can be raised', async () => {
    const path = file('rows.csv.gz', gzipSync(csv));
    setMaxUnpackedBytes(2 ** 20);
    await expect(readTrace(path)).rejects.toThrow(
      /rows.csv.gz: unpacks to more than 1 MiB; .* allow more with --max-unpacked$/,
    );
    setMaxUnpackedBytes(2 ** 22);
    expect((await readTrace(path)).arrivalUs.length).toBe(500_000);
  });

  it('is not limited where the file is not packed', async () => {
    setMaxUnpackedBytes(1);
    expect((await readTrace(file('rows.csv', csv))).arrivalUs.at(-1)).toBe(499_999);
  });

  it('is read no further than its first line where that has no end', async () => {
    const zeros = gzipSync(new Uint8Array(70_000_000));
    await expect(readTrace(file('zeros.csv.gz', zeros))).rejects.toThrow(
      /zeros.csv.gz:1: a line goes on for/,
    );
  });
});

describe('a device without end', () => {
  it('is refused as a document and as a trace', async () => {
    await expect(readText('/dev/zero')).rejects.toThrow(/^\/dev\/zero: is longer than the 64 MiB/);
    setMaxUnpackedBytes(2 ** 20);
    const path = join(folder, 'device.csv');
    symlinkSync('/dev/zero', path);
    await expect(readTrace(path)).rejects.toThrow(/device.csv: gives more than 1 MiB/);
  });

  it('that gives nothing is an empty file', async () => {
    expect((await readInput('/dev/null')).length).toBe(0);
  });
});

it('a text is UTF-8 wherever its pieces are cut', async () => {
  const name = '名前é💥'.repeat(40_000);
  const trace = await readTrace(file('names.csv', `arrival_us,tenant\n5,a${name}\n6,${name}\n`));
  expect(trace.tenants).toEqual([`a${name}`, name]);
  await expect(readTrace(file('broken.csv', Buffer.from([0x61, 0xff, 0x0a])))).rejects.toThrow(
    /not UTF-8 text/,
  );
});
