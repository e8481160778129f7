import { given } from '../../base/given.js';
import type { ModelProfile, SpeedDrift } from '../../profile/profile.js';
import type { Serving } from '../../profile/serving.js';
import type { Draft } from './draft-profile.js';
import { type Drift, withDrift } from './service/drift.js';
import { withServing } from './with-serving.js';

/** What is found of a model besides its draft; what is absent is not known yet. */
export interface Found {
  /** Figures of the whole server. */
  readonly shared: Partial<Serving>;
  /** How fast the machine usually is, beside what it was under dense loads. */
  readonly drift?: Drift;
  readonly speedDrift?: SpeedDrift | undefined;
  readonly fit?: ModelProfile['fit'];
}

/** The one place where a profile is put together; on the way there also the candidates that points are replayed with. */
export function profileOf({ profile: draft }: Draft, found: Found): ModelProfile {
  const { shared, drift, speedDrift, fit } = found;
  const served = withServing(draft, shared);
  const usual = drift === undefined ? served : withDrift(served, drift);
  return { ...usual, ...given({ speedDrift, fit }) };
}
