/**
 * Builds calibration/prices.json from ../shared/data/prices/price_book.csv:
 * `tsx scripts/build-prices.ts`. Every row keeps its date, source and confidence.
 */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Price } from '../src/cost/cost.js';
import { parsePriceBook } from '../src/cost/parse-price-book.js';
import { type Row, readTable } from './support/source-table.js';

const SOURCE = fileURLToPath(new URL('../../shared/data/prices/price_book.csv', import.meta.url));
const TARGET = fileURLToPath(new URL('../calibration/prices.json', import.meta.url));

const content = formatPriceBook(readTable(SOURCE).map(toPrice));
parsePriceBook(content, { file: TARGET });
await writeFile(TARGET, content);

function toPrice(row: Row): Price {
  const cell = (name: string) => row[name] ?? '';
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
