import type * as z from 'zod';
import type { Immutable } from '../base/immutable.js';
import type { costSchema } from './cost-schema.js';
import type { priceSchema } from './parse-price-book.js';

/** One row of the price book. */
export type Price = Immutable<z.output<typeof priceSchema>>;

/** What a placement costs and who causes it. */
export type CostBreakdown = Immutable<z.output<typeof costSchema>>;

/** What one tenant costs, by two ways of dividing the machines among tenants. */
export type TenantCost = CostBreakdown['tenants'][number];

export function hasPrice({ source }: CostBreakdown['machines'][number]): boolean {
  return source !== 'unpriced';
}

/** Whether a price is known of any machine. */
export function isPriced({ machines }: CostBreakdown): boolean {
  return machines.some(hasPrice);
}
