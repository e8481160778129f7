import { remembered } from '../../base/remembered.js';
import { checkScenario } from '../../scenario/check.js';
import type { ScenarioResources } from '../../scenario/resources.js';
import type { Scenario } from '../../scenario/scenario.js';
import type { ScenarioSpec } from '../../scenario/spec.js';
import { withSettings } from './apply.js';
import { type CandidateFigures, measure, shortened } from './figures.js';
import type { TuneJob } from './job.js';
import { specWithLoad } from './load-point.js';
import type { Candidate, TuneSpace } from './space.js';

/** A scenario file with what it names, and the space that is searched: plain data, for a thread as well. */
export interface TuneProblem {
  readonly spec: ScenarioSpec;
  readonly resources: ScenarioResources;
  readonly space: TuneSpace;
}

/**
 * Simulates what a search asks for. The scenario under each load and seed is built once and shared by
 * all candidates: their arrivals are the same.
 */
export class TuneRunner {
  readonly #problem: TuneProblem;
  readonly #bases = new Map<string, Scenario>();

  constructor(problem: TuneProblem) {
    this.#problem = problem;
  }

  run({ candidate, replication, share }: TuneJob): CandidateFigures {
    const base = this.#base(candidate.load, replication, share);
    return measure(withSettings(base, this.#problem.space, candidate));
  }

  /** The whole scenario of a candidate under the seed of the file. */
  scenarioOf(candidate: Candidate): Scenario {
    return withSettings(this.#base(candidate.load, 1, 1), this.#problem.space, candidate);
  }

  #base(load: number, replication: number, share: number): Scenario {
    return remembered(this.#bases, `${load} ${replication} ${share}`, () =>
      share < 1 ? shortened(this.#base(load, replication, 1), share) : this.#build(load, replication),
    );
  }

  /** Replication i > 1 has the seed `<seed>/i`, as everywhere. */
  #build(load: number, replication: number): Scenario {
    const { spec, resources, space } = this.#problem;
    const seed = replication === 1 ? spec.seed : `${spec.seed}/${replication}`;
    const document = {
      spec: { ...specWithLoad(spec, space.loads[load]!), seed },
      problems: [],
      positionOf: () => ({}),
    };
    return checkScenario(document, resources).scenario;
  }
}
