import { closest } from '../base/closest.js';
import { InputError } from '../base/problem.js';
import type { Price } from './cost.js';

/** Prices of machines and their parts, each with its date and source. */
export interface PriceBook {
  readonly prices: readonly Price[];
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
      'give usdPerHour with its source, or write allowRecalled: true',
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
