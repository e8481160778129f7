/**
 * Builds calibration/prices.json from ../shared/data/prices/price_book.csv:
 * `tsx scripts/build-prices.ts`. Every row keeps its date, source and confidence.
 */
import { readFile, writeFile } from 'node:fs/promises';
import type { Price } from '../src/cost/cost.js';
import { parsePriceBook } from '../src/cost/parse-price-book.js';
import { forEachCsvRow } from '../src/trace/csv-rows.js';

const SOURCE = new URL('../../shared/data/prices/price_book.csv', import.meta.url);
const TARGET = new URL('../calibration/prices.json', import.meta.url);

const rows: Price[] = [];
let header: readonly string[] | undefined;
forEachCsvRow(await readFile(SOURCE, 'utf8'), {
  row(cells) {
    if (header === undefined) header = cells;
    else rows.push(toPrice(new Map(header.map((name, i) => [name, cells[i] ?? '']))));
  },
});
const content = formatPriceBook(rows);
parsePriceBook(content, { file: TARGET.pathname });
await writeFile(TARGET, content);

function toPrice(row: ReadonlyMap<string, string>): Price {
  const cell = (name: string) => row.get(name) ?? '';
  const spot = cell('spot_usd_per_hour');
  return {
    provider: cell('provider'),
    sku: cell('sku'),
    gpu: cell('gpu'),
    gpuCount: Number(cell('gpu_count')),
    vcpu: Number(cell('vcpu')),
    memoryGib: Number(cell('mem_gib')),
    usdPerHour: Number(cell('usd_per_hour')),
    ...(spot !== '' && { spotUsdPerHour: Number(spot) }),
    scope: cell('scope') as Price['scope'],
    region: cell('region'),
    asOf: cell('as_of'),
    source: cell('source'),
    confidence: cell('confidence'),
  };
}

/** One row to a line, so that a change of a price is a change of a line. */
function formatPriceBook(prices: readonly Price[]): string {
  const lines = prices.map((price) => `    ${JSON.stringify(price)}`);
  return `{\n  "format": "perseus-prices/1",\n  "prices": [\n${lines.join(',\n')}\n  ]\n}\n`;
}
