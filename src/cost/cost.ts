import type * as z from 'zod';
import type { Immutable } from '../base/immutable.js';
import type { priceSchema } from './parse-price-book.js';

/** One row of the price book. */
export type Price = Immutable<z.output<typeof priceSchema>>;

/** What a placement costs and who causes it. */
export interface CostBreakdown {
  /** Of all machines, in the mean over the run: for the time in which each was there. */
  readonly usdPerHour: number;
  /** Machines at the throughput of the run; Infinity where nothing was completed. */
  readonly usdPerMillionInferences: number;
  /** Due for SLOs that were not met, besides the machines. */
  readonly penaltyUsdPerHour: number;
  readonly machines: readonly {
    readonly server: string;
    readonly kind: string;
    readonly usdPerHour: number;
    readonly source: string;
  }[];
  readonly tenants: readonly TenantCost[];
  /** Price of the time in which nothing ran. */
  readonly idleUsdPerHour: number;
}

export function hasPrice({ source }: CostBreakdown['machines'][number]): boolean {
  return source !== 'unpriced';
}

/** Whether a price is known of any machine. */
export function isPriced({ machines }: CostBreakdown): boolean {
  return machines.some(hasPrice);
}

/** What one tenant costs, by two ways of dividing the machines among tenants. */
export interface TenantCost {
  readonly tenant: string;
  /** Its share of the busy time, priced; the rest of the machine stays as idle. */
  readonly byUseUsdPerHour: number;
  /** Its share of the whole machine, idle time divided in proportion to use. */
  readonly byReservationUsdPerHour: number;
  /** By reservation; Infinity where it completed nothing. */
  readonly usdPerMillionInferences: number;
  /** Due where its SLO was not met, besides its share of the machines. */
  readonly penaltyUsdPerHour: number;
}
