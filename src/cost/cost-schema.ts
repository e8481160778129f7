import * as z from 'zod';
import { figure } from '../base/figure-schema.js';

const tenantCostSchema = z.object({
  tenant: z.string(),
  /** Its share of the busy time, priced; the rest of the machine stays as idle. */
  byUseUsdPerHour: figure,
  /** Its share of the whole machine, idle time divided in proportion to use. */
  byReservationUsdPerHour: figure,
  /** By reservation; Infinity where it completed nothing. */
  usdPerMillionInferences: figure,
  /** Due where its SLO was not met, besides its share of the machines. */
  penaltyUsdPerHour: figure,
});

export const costSchema = z.object({
  /** Of all machines, in the mean over the run: for the time in which each was there. */
  usdPerHour: figure,
  /** Machines at the throughput of the run; Infinity where nothing was completed. */
  usdPerMillionInferences: figure,
  /** Due for SLOs that were not met, besides the machines. */
  penaltyUsdPerHour: figure,
  machines: z.array(
    z.object({ server: z.string(), kind: z.string(), usdPerHour: figure, source: z.string() }),
  ),
  tenants: z.array(tenantCostSchema),
  /** Price of the time in which nothing ran. */
  idleUsdPerHour: figure,
});
