import type { CarriedScenario, ScenarioData } from '../carried.js';
import type { Job, JobResults } from '../jobs.js';
import type { Answered } from '../simulate-carried.js';

/** What the page asks its worker. Files are sent once, before the scenarios that name them. */
export type Asked =
  | { readonly kind: 'files'; readonly files: Omit<CarriedScenario, 'spec'> }
  | {
      readonly kind: 'simulate';
      readonly id: number;
      readonly spec: ScenarioData;
      readonly mostRequests?: number;
    }
  | { readonly kind: 'job'; readonly job: Job; readonly spec: ScenarioData };

/** What the worker answers to a scenario. */
export interface Told {
  readonly id: number;
  readonly answer: Answered | { readonly failure: string };
}

/** What it answers to a job: each step that it begins, then what came of it or what is wrong. */
export type JobTold =
  | { readonly step: string }
  | { readonly result: JobResults[Job['kind']] }
  | { readonly problems: readonly string[] };
