import * as z from 'zod';
import { figure } from '../base/figure-schema.js';
import type { Immutable } from '../base/immutable.js';
import type { priceSchema } from './parse-price-book.js';

/** One row of the price book. */
export type Price = Immutable<z.output<typeof priceSchema>>;

const tenantCostSchema = z.object({
  tenant: z.string(),
  // Its share of the busy time, priced; the rest of the machine stays as idle.
  byUseUsdPerHour: figure,
  // Its share of the whole machine, idle time divided in proportion to use.
  byReservationUsdPerHour: figure,
  // By reservation; Infinity where it completed nothing.
  usdPerMillionInferences: figure,
  // Due where its SLO was not met, besides its share of the machines.
  penaltyUsdPerHour: figure,
});

export const costSchema = z.object({
  // Of all machines, in the mean over the run: for the time in which each was there.
  usdPerHour: figure,
  // Machines at the throughput of the run; Infinity where nothing was completed.
  usdPerMillionInferences: figure,
  // Due for SLOs that were not met, besides the machines.
  penaltyUsdPerHour: figure,
  machines: z.array(
    z.object({ server: z.string(), kind: z.string(), usdPerHour: figure, source: z.string() }),
  ),
  tenants: z.array(tenantCostSchema),
  // Price of the time in which nothing ran.
  idleUsdPerHour: figure,
});

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
