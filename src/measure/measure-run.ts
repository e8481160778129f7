import type { FigureMemory } from '../metrics/figures/tenant-figures.js';
import type { SeriesSize } from '../metrics/figures/tenant-series.js';
import { Scratch } from '../metrics/statistics/scratch.js';
import type { Scenario } from '../scenario/scenario.js';
import { type Component, partition } from '../simulator/partition.js';
import { type ComponentFigures, componentFigures } from './component-figures.js';
import { countedFigures, isCounted } from './counted-component.js';
import { type RunFigures, runFigures } from './run-figures.js';

export interface MeasureOptions {
  /** How fine charts will be; absent: none will be drawn. */
  readonly series?: SeriesSize | undefined;
  /** Whether the latencies of each tenant are asked for. Default: false. */
  readonly keepsLatencies?: boolean;
  /** Called after each component with the share of the work done, 0..1. */
  readonly onProgress?: (share: number) => void;
}

/**
 * Simulates a scenario and gives the figures of the run, without a log of requests: component by component, of which
 * nothing is kept but its figures and latencies.
 */
export function measureRun(scenario: Scenario, options: MeasureOptions = {}): RunFigures {
  const components = partition(scenario);
  const measure = componentMeasure(scenario, options);
  const figures = components.map((component, i) => {
    const measured = measure(component);
    options.onProgress?.((i + 1) / components.length);
    return measured;
  });
  return assembleFigures(scenario, components, figures, options);
}

/** Measures one component after the other, in memory that they share. */
export function componentMeasure(
  scenario: Scenario,
  { series, keepsLatencies = false }: Pick<MeasureOptions, 'series' | 'keepsLatencies'>,
): (component: Component) => ComponentFigures {
  if (!keepsLatencies && isCounted(scenario))
    return (component) => countedFigures(scenario, component, series);
  const memory: FigureMemory = {
    scratch: new Scratch(),
    isKept: true,
    hasStages: true,
    ...(series && { series }),
  };
  return (component) => componentFigures(scenario, component, memory);
}

/** Puts the figures of all components, in the order of `partition`, together. */
export function assembleFigures(
  scenario: Scenario,
  components: readonly Component[],
  figures: readonly ComponentFigures[],
  { keepsLatencies = false }: Pick<MeasureOptions, 'keepsLatencies'>,
): RunFigures {
  const placed = components.map((component, i) => ({ component, figures: figures[i]! }));
  return runFigures(scenario, placed, { keepsLatencies });
}
