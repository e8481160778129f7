import * as z from 'zod';
import { parseDocumentWith } from '../base/document.js';
import { InputError, ProblemList } from '../base/problem.js';
import { describe, type PriceBook } from './price-book.js';

const text = z.string().trim().min(1);
const amount = z.number().nonnegative();

export const priceSchema = z.strictObject({
  provider: text,
  sku: text,
  gpu: z.string(),
  gpuCount: z.int().nonnegative(),
  vcpu: amount,
  memoryGib: amount,
  usdPerHour: amount,
  spotUsdPerHour: amount.exactOptional(),
  // What the price covers: a whole instance, one GPU, one vCPU, one GiB, or the host part alone.
  scope: z.enum(['instance', 'gpu_only', 'per_vcpu', 'per_gib', 'host_only']),
  region: text,
  // Date or year of the price.
  asOf: text,
  source: text,
  // `sourced`, `derived` or `recalled`; a recalled price is never used without being named.
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
