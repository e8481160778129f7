import { given } from '../../base/given.js';
import { LONGEST_TEXT } from '../../effects/values.js';
import { blankProfile } from '../../profile/blank.js';
import type { Interference, ModelProfile, Region, ServicePoint, Spread } from '../../profile/profile.js';
import type { ModelConfig } from '../../scenario/model-config.js';
import { payloadOf } from '../../scenario/tensor-bytes.js';
import type { ObservedTraffic } from './observed-traffic.js';

/** What traffic does not tell of where it was recorded. */
export interface TrafficFacts {
  /** Device kind that scenarios name, e.g. `Tesla T4` or `CPU`. */
  readonly device: string;
  /** Where the figures come from, e.g. the file and the host. */
  readonly source: string;
  /** ISO date, or `unknown`. */
  readonly date: string;
  readonly gpu?: string | undefined;
  readonly driver?: string | undefined;
  readonly serverVersion?: string | undefined;
  readonly precision?: string | undefined;
  readonly licence?: string | undefined;
  /** Configurations of the models, by name; a model without one is taken as it comes. */
  readonly configs?: ReadonlyMap<string, ModelConfig> | undefined;
}

/** A profile made of production traffic, and what a reader must know before trusting it. */
export interface TrafficFit {
  readonly profile: ModelProfile;
  /** One sentence each: what the traffic could not tell, or told only roughly. */
  readonly uncertain: readonly string[];
  /** Absent where the source is no picture of the traffic. */
  readonly traffic?: ObservedTraffic;
}

export interface FittedParts {
  readonly service: readonly ServicePoint[];
  readonly spread: Spread;
  readonly response: { readonly fixedUs: number; readonly perRequestUs: number };
  readonly frontEnd: { readonly perRequestUs: number; readonly cv?: number };
  readonly interference: Interference;
  readonly region: Omit<Region, 'batchSizes'>;
  readonly loadMs: number;
  readonly firstInferenceMs: number;
}

/** Puts the fitted parts into a profile; what traffic never tells is 0 or unknown and listed as such. */
export function trafficProfile(
  model: string,
  parts: FittedParts,
  facts: TrafficFacts,
  uncertain: readonly string[],
): TrafficFit {
  const config = facts.configs?.get(model);
  const payload = payloadOf(config);
  const all = [
    ...uncertain,
    'Memory and host cores are not known from traffic; host cores count as 0.',
    ...(payload.requestBytes === 0 ? ['Request and response sizes are not known and count as 0.'] : []),
  ];
  const { driver, serverVersion, precision } = facts;
  const blank = blankProfile(model, facts.device);
  const profile: ModelProfile = {
    ...blank,
    provenance: {
      ...blank.provenance,
      ...given({ driver, serverVersion, precision }),
      source: facts.source,
      licence: facts.licence ?? 'own measurement',
      date: facts.date,
      gpu: facts.gpu ?? facts.device,
      backend: config?.backend || config?.platform || 'unknown',
      notes: `From production traffic, without a load test. ${all.join(' ')}`.slice(0, LONGEST_TEXT),
    },
    service: parts.service,
    spread: parts.spread,
    response: { ...parts.response, perKilobyteUs: 0 },
    frontEnd: { ...parts.frontEnd, perKilobyteUs: 0 },
    payload,
    load: { ...blank.load, loadMs: parts.loadMs, firstInferenceMs: parts.firstInferenceMs },
    interference: parts.interference,
    region: { batchSizes: parts.service.map(({ batchSize }) => batchSize), ...parts.region },
  };
  return { profile, uncertain: all };
}
