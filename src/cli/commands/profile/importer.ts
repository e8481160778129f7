import type { Options } from 'yargs';
import type { SummaryFit } from '../../../calibrate/summary/fit-from-summaries.js';
import type { ObservedTraffic } from '../../../calibrate/traffic/observed-traffic.js';
import type { ModelProfile } from '../../../profile/profile.js';

/** A profile made of what people already have. */
export interface ImportedProfile {
  readonly profile: ModelProfile;
  /** What the source could not tell, in sentences. */
  readonly uncertain: readonly string[];
  /** Rows of a result table beside what the profile gives in their place. */
  readonly residuals?: SummaryFit['residuals'];
  /** What the traffic was like. */
  readonly traffic?: ObservedTraffic;
  /** What belongs to the server and the way to it, for a scenario. */
  readonly server?: SummaryFit['server'];
}

/** Something that `profile import` makes profiles of. */
export interface ProfileImporter<Arguments> {
  readonly name: string;
  readonly describe: string;
  readonly files: {
    readonly describe: string;
    readonly most: number;
    /** What to do with more, where that is known. */
    readonly several?: string;
  };
  readonly options: Readonly<Record<string, Options>>;
  readonly examples: readonly (readonly [command: string, describe: string])[];
  /** @throws InputError with everything that is wrong with the files */
  readonly run: (files: readonly string[], args: Arguments) => Promise<readonly ImportedProfile[]>;
}
