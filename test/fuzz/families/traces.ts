import { gzipSync } from 'node:zlib';
import { traceFromParquet, traceToParquet } from '../../../src/node/files/parquet.js';
import { readTrace } from '../../../src/node/scenario/trace-files.js';
import { traceFromArrow } from '../../../src/trace/arrow/read-trace.js';
import { traceToArrow } from '../../../src/trace/arrow/write-trace.js';
import { FILE_COLUMNS } from '../../../src/trace/columns.js';
import { formatTraceCsv, parseTraceCsv } from '../../../src/trace/csv.js';
import { formatTraceJsonl, parseTraceJsonl } from '../../../src/trace/jsonl.js';
import { anyTrace } from '../../trace/arbitrary-trace.js';
import { readAsFile } from '../as-file.js';
import { checkTrace, demandSameTrace } from '../check-trace.js';
import { between, chance, pick, type Random, repeat, words } from '../choose.js';
import { type Family, INPUT_FILE, textFamily } from '../family.js';
import { mistakenBytes, randomBytes } from '../mutate-bytes.js';
import { mistakenText } from '../mutate-text.js';
import { noisyNumber, noisyString } from '../noise.js';
import { oddArrowTable, oddParquetTable } from '../odd-tables.js';
import { shippedTraceHeads } from '../samples.js';

const options = { file: INPUT_FILE };

/** Trace files in every format that perseus reads. */
export function traceFamilies(): readonly Family[] {
  const heads = shippedTraceHeads(30);
  const csv = (random: Random) => csvText(random, heads);
  return [
    textFamily({ name: 'trace-csv', generate: csv, read: readCsv }),
    textFamily({ name: 'trace-jsonl', generate: jsonlText, read: readJsonl }),
    { name: 'trace-arrow', generate: arrowBytes, read: readArrow },
    { name: 'trace-parquet', generate: parquetBytes, read: readParquet },
    { name: 'trace-gzip', generate: (random) => gzipBytes(random, csv), read: readGzip },
  ];
}

const WORDS = [...FILE_COLUMNS, ',', '\n', '"', '""', '# trace {"duration_us": 5}', '#', '-1', '""\n', '\r'];

function csvText(random: Random, heads: readonly string[]): string {
  if (chance(random, 0.15)) return csvTable(random);
  const sample = chance(random, 0.2) ? pick(random, heads) : formatTraceCsv(random.draw(anyTrace));
  return mistakenText(random, { samples: [sample], words: WORDS });
}

/** A table with a header that may be right, and cells that mostly are. */
function csvTable(random: Random): string {
  const columns = repeat(between(random, 1, 5), (i) => (i === 0 ? 'arrival_us' : pick(random, FILE_COLUMNS)));
  const cell = () => {
    if (chance(random, 0.1)) return chance(random, 0.5) ? noisyNumber(random) : noisyString(random);
    return String(random.nextInt(10));
  };
  const row = (i: number) => columns.map((_, column) => (column === 0 ? String(i * 10) : cell())).join(',');
  return [columns.join(','), ...repeat(random.nextInt(20), row)].join(pick(random, ['\n', '\r\n']));
}

function readCsv(text: string): void {
  const trace = parseTraceCsv(text, options);
  checkTrace(trace);
  demandSameTrace(parseTraceCsv(formatTraceCsv(trace)), trace, 'written as CSV and read again');
  const jsonl = parseTraceJsonl(formatTraceJsonl(trace));
  demandSameTrace(jsonl, trace, 'written as JSON Lines and read again');
}

function jsonlText(random: Random): string {
  const sample = formatTraceJsonl(random.draw(anyTrace));
  const meaning = [
    ...FILE_COLUMNS.map((name) => `"${name}":`),
    ...words('null {} ,', '{"trace":{"tenants":["a"]}}', '\n'),
  ];
  return mistakenText(random, { samples: [sample], words: meaning });
}

function readJsonl(text: string): void {
  const trace = parseTraceJsonl(text, options);
  checkTrace(trace);
  const again = parseTraceJsonl(formatTraceJsonl(trace));
  demandSameTrace(again, trace, 'written as JSON Lines and read again');
}

function arrowBytes(random: Random): Uint8Array {
  if (chance(random, 0.3)) return mistakenBytes(random, () => oddArrowTable(random));
  if (chance(random, 0.1)) return oddArrowTable(random);
  return mistakenBytes(random, () => traceToArrow(random.draw(anyTrace)));
}

function readArrow(bytes: Uint8Array): void {
  const trace = traceFromArrow(bytes, options);
  checkTrace(trace);
  demandSameTrace(traceFromArrow(traceToArrow(trace)), trace, 'written as Arrow and read again');
}

function parquetBytes(random: Random): Uint8Array {
  if (chance(random, 0.3)) return mistakenBytes(random, () => oddParquetTable(random));
  if (chance(random, 0.1)) return oddParquetTable(random);
  return mistakenBytes(random, () => traceToParquet(random.draw(anyTrace)));
}

async function readParquet(bytes: Uint8Array): Promise<void> {
  const trace = await traceFromParquet(bytes, options);
  checkTrace(trace);
  if (trace.arrivalUs.length === 0) return;
  demandSameTrace(await traceFromParquet(traceToParquet(trace)), trace, 'written as Parquet and read again');
}

function gzipBytes(random: Random, csv: (random: Random) => string): Uint8Array {
  if (chance(random, 0.5)) return gzipSync(csv(random));
  if (chance(random, 0.1)) return gzipSync(randomBytes(random, 100));
  if (chance(random, 0.002)) return gzipSync(new Uint8Array(100_000_000));
  const sample = () => gzipSync(formatTraceCsv(random.draw(anyTrace)));
  return mistakenBytes(random, () => (chance(random, 0.1) ? Buffer.concat([sample(), sample()]) : sample()));
}

/** Reads through a file, as the command line does: unpacking is part of opening it. */
async function readGzip(bytes: Uint8Array): Promise<void> {
  checkTrace(await readAsFile(bytes, 'input.csv.gz', (path) => readTrace(path)));
}
