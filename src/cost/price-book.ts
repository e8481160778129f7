import * as z from 'zod';
import { closest } from '../base/closest.js';
import { parseDocumentWith } from '../base/document.js';
import { InputError, ProblemList } from '../base/problem.js';
import type { Price } from './cost.js';

/** Prices of machines and their parts, each with its date and source. */
export interface PriceBook {
  readonly prices: readonly Price[];
}

const text = z.string().trim().min(1);
const amount = z.number().nonnegative();

const priceSchema = z.strictObject({
  provider: text,
  sku: text,
  gpu: z.string(),
  gpuCount: z.int().nonnegative(),
  vcpu: amount,
  memoryGib: amount,
  usdPerHour: amount,
  spotUsdPerHour: amount.exactOptional(),
  scope: z.enum(['instance', 'gpu_only', 'per_vcpu', 'per_gib', 'host_only']),
  region: text,
  asOf: text,
  source: text,
  confidence: text,
});

const priceBookSchema = z.strictObject({
  format: z.literal('perseus-prices/1'),
  prices: z.array(priceSchema),
});

/**
 * Reads a price book (JSON, or YAML): `{"format": "perseus-prices/1", "prices": [...]}`.
 *
 * @throws InputError with every problem: wrong or unknown fields, and two rows for the same thing.
 */
export function parsePriceBook(content: string, options: { readonly file?: string } = {}): PriceBook {
  const document = parseDocumentWith(priceBookSchema, content, { ...options, kind: 'prices' });
  if (document.value === undefined) throw new InputError(document.problems);
  const problems = new ProblemList();
  const seen = new Map<string, number>();
  for (const [i, price] of document.value.prices.entries()) {
    const key = JSON.stringify([price.provider, price.sku, price.region]);
    const earlier = seen.get(key);
    if (earlier !== undefined) {
      const what = `${describe(price)} is priced twice, first in prices[${earlier}]`;
      problems.add({
        ...document.positionOf(['prices', i]),
        what,
        remedy: 'keep one of them, or name them apart',
      });
    } else seen.set(key, i);
  }
  problems.throwIfAny();
  return { prices: document.value.prices };
}

/** Which price is meant. A provider or region that is left out must leave no doubt. */
export interface PriceQuery {
  readonly sku: string;
  readonly provider?: string;
  readonly region?: string;
  /** Take a row that was written down from memory; otherwise such a row is refused. */
  readonly allowRecalled?: boolean;
}

/** Whether the price was written down from memory, without a source that could be checked. */
export function isRecalled(price: Price): boolean {
  return /^recalled\b/i.test(price.confidence);
}

/**
 * The row that a query means; names are compared without regard to case.
 *
 * @throws InputError when there is none (with the nearest name), several, or only a recalled one that
 * was not asked for.
 */
export function findPrice(book: PriceBook, query: PriceQuery): Price {
  const named = book.prices.filter((price) => same(price.sku, query.sku));
  const rows = named.filter((price) => matches(price, query));
  if (rows.length === 0) throw InputError.of(...explainMissing(book, query, named));
  const allowed = rows.filter((price) => query.allowRecalled === true || !isRecalled(price));
  if (allowed.length === 0) {
    throw InputError.of(
      `the price of ${describe(rows[0]!)} is only recalled, not sourced`,
      'give usdPerHour with its source, or allow recalled prices',
    );
  }
  if (allowed.length > 1) {
    throw InputError.of(
      `${query.sku} has several prices: ${allowed.map(describe).join('; ')}`,
      'name the provider and the region',
    );
  }
  return allowed[0]!;
}

/** `provider sku, region`. */
export function describe(price: Price): string {
  return `${price.provider} ${price.sku}, ${price.region}`;
}

function matches(price: Price, { provider, region }: PriceQuery): boolean {
  const providerFits = provider === undefined || same(price.provider, provider);
  return providerFits && (region === undefined || same(price.region, region));
}

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

function explainMissing(book: PriceBook, query: PriceQuery, named: readonly Price[]): [string, string] {
  const wanted = [query.provider, query.sku].filter((part) => part !== undefined).join(' ');
  if (named.length > 0) {
    const where = query.region === undefined ? '' : ` in ${query.region}`;
    return [`there is no price of ${wanted}${where}`, `there is one of ${named.map(describe).join('; ')}`];
  }
  const skus = [...new Set(book.prices.map(({ sku }) => sku))];
  const meant = closest(query.sku, skus);
  const remedy = meant === undefined ? `known are: ${skus.join(', ')}` : `did you mean ${meant}?`;
  return [`there is no price of ${wanted}`, remedy];
}
