import { costOfScenario } from '../cost/scenario-cost.js';
import { type ComponentFigures, componentFigures } from '../measure/component-figures.js';
import { RecentOrders } from '../measure/planned-order.js';
import { runFigures } from '../measure/run-figures.js';
import { Scratch } from '../metrics/statistics/scratch.js';
import type { Scenario } from '../scenario/scenario.js';
import { partition } from '../simulator/partition.js';
import { ArrivalCache, attachScenario, type ContentLibrary } from './attach.js';
import type { Digest } from './content.js';
import { componentKey, type DetachedScenario } from './detached.js';
import { SizedCache } from './lru.js';
import { pointRows, type SweepRow } from './row.js';

export interface EvaluatorOptions {
  /** Names the program that simulates: part of every address. */
  readonly engine: string;
  readonly digest: Digest;
  readonly library: ContentLibrary;
}

/** Most memory for arrivals and for components that are kept, each, about. */
const CACHE_BYTES = 256 * 2 ** 20;

/**
 * Simulates the points of a sweep one after the other. Arrivals are drawn once for all points that
 * have them in common, and a component that an earlier point had is not simulated again. What a
 * point gives depends on nothing but the point.
 */
export class PointEvaluator {
  readonly arrivals: ArrivalCache;
  /** Components that were simulated, and those that were there already. */
  readonly components = { simulated: 0, reused: 0 };
  readonly #options: EvaluatorOptions;
  readonly #figures: SizedCache<ComponentFigures>;
  readonly #orders = new RecentOrders();
  readonly #scratch = new Scratch();

  constructor(options: EvaluatorOptions) {
    this.#options = options;
    this.arrivals = new ArrivalCache(options.library, CACHE_BYTES);
    this.#figures = new SizedCache(CACHE_BYTES, ({ bytes }) => bytes);
  }

  /** @throws InputError when a load cannot be drawn */
  evaluate(detached: DetachedScenario): SweepRow[] {
    const { engine, digest, library } = this.#options;
    const scenario = attachScenario(detached, library, this.arrivals);
    const components = partition(scenario);
    const before = this.components.simulated;
    const hasStages = needsStages(scenario);
    const memory = { scratch: this.#scratch, isKept: scenario.tenants.length > 1, hasStages };
    const figures = components.map((component) => {
      const key = componentKey(detached, component, engine, digest);
      // Figures of one that is alone lack what a point needs that has others too.
      const kept = `${key}${memory.isKept ? '' : ' alone'}${hasStages ? ' stages' : ''}`;
      return this.#figures.get(kept, () => {
        this.components.simulated++;
        return withoutWarnings(componentFigures(scenario, component, memory));
      });
    });
    this.components.reused += components.length - (this.components.simulated - before);
    const point = runFigures(
      scenario,
      components.map((component, i) => ({ component, figures: figures[i]! })),
      { scratch: this.#scratch, orders: this.#orders },
    );
    return pointRows(scenario, point, costOfScenario(scenario, point.summary));
  }
}

/** Whether a row has figures that are made of responses, sequences or the counts of models. Else they would only take time. */
function needsStages({ servers }: Scenario): boolean {
  const hasCounts = servers.some(({ options, modelCache }) => (options.cache ?? modelCache) !== undefined);
  const isComposed = servers.some(({ models }) =>
    models.some(({ config, engine, responses }) => (config.sequences ?? engine ?? responses) !== undefined),
  );
  return hasCounts || isComposed;
}

/** Those about latencies are for who reads one run. */
function withoutWarnings(figures: ComponentFigures): ComponentFigures {
  return { ...figures, tenants: figures.tenants.map((tenant) => ({ ...tenant, warnings: [] })) };
}
