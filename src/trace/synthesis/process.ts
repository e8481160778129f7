import type { z } from 'zod';
import type { Immutable } from '../../base/immutable.js';
import type { arrivalProcessSchema } from './process-schema.js';

/**
 * How the requests of one tenant arrive, as plain data: what a scenario file and `trace generate`
 * accept. All rates are requests per second, all times seconds. Every process starts stationary and
 * offers its stated rate from the first moment: the expected number of requests in any window is
 * the integral of the rate over it, whatever the gaps' coefficient of variation.
 */
export type ArrivalProcess = Immutable<z.output<typeof arrivalProcessSchema>>;

type OfKind<Kind extends ArrivalProcess['kind']> = Extract<ArrivalProcess, { readonly kind: Kind }>;

export type MmppProcess = OfKind<'mmpp'>;
export type MmppState = MmppProcess['states'][number];
export type BurstyProcess = OfKind<'bursty'>;
export type OnOffProcess = OfKind<'onOff'>;
export type DiurnalProcess = OfKind<'diurnal'>;
export type FlashCrowdProcess = OfKind<'flashCrowd'>;
export type RampProcess = OfKind<'ramp'>;
export type CountsProcess = OfKind<'counts'>;
export type Gaps = NonNullable<DiurnalProcess['gaps']>;
