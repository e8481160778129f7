import type * as z from 'zod';
import type { Immutable } from '../base/immutable.js';
import type { WholeProfileSchema } from './server-schema.js';

export type { LinearIdlePenalty } from '../effects/idle/linear-idle-penalty.js';
export type { WarmUpState } from '../effects/idle/warm-up-state.js';
export type { Interference, PairSlowdown } from '../effects/interference/effect.js';
export type { Spread } from '../effects/service-time-variability/effect.js';
export type { SpeedDrift } from '../effects/speed-drift/effect.js';

/**
 * What one model costs to run on one kind of device under one server: the content of a profile file (`*.profile.json`),
 * put together with its server's. Times are milliseconds or microseconds as the names say; each field is described where its
 * schema is, and in docs/reference/profile.md.
 */
export type ModelProfile = Immutable<z.output<typeof WholeProfileSchema>>;

/** Where the figures of a profile come from, so that a reader can judge whether they fit. */
export type Provenance = ModelProfile['provenance'];

/** Mean phases of one execution of `batchSize` inferences alone on the device, milliseconds. */
export type ServicePoint = ModelProfile['service'][number];

/** Where it was measured; a prediction outside says so. */
export type Region = ModelProfile['region'];

export type FitSummary = NonNullable<ModelProfile['fit']>;

/** How far throughputs predicted from a profile were off those that somebody measured. */
export type ProfileValidation = NonNullable<ModelProfile['validation']>;

/** Root mean square of the errors with which a profile gives back latencies of open loops that were measured with it, in percent. */
export type LatencyErrors = NonNullable<FitSummary['latencyErrorPercent']>;

/** Outside of the server; in the queue; the phases of the execution, of which the output holds the responses. */
export const LATENCY_PARTS = ['network', 'queue', 'input', 'infer', 'output'] as const;
export type LatencyPart = (typeof LATENCY_PARTS)[number];
