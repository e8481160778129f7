import type { ComponentFigures } from '../../measure/component-figures.js';
import { componentMeasure, type MeasureOptions } from '../../measure/measure-run.js';
import type { Scenario } from '../../scenario/scenario.js';
import type { ComponentResult } from '../../simulator/component-result.js';
import type { Component } from '../../simulator/partition.js';
import { simulateComponent } from '../../simulator/simulate.js';

export interface ComponentWork {
  readonly scenario: Scenario;
  /** Give figures, with series for charts where they are asked for; absent: give every request. */
  readonly measure?: Pick<MeasureOptions, 'series' | 'keepsLatencies'>;
}

/** Components that threads take one after the other. */
export interface ComponentOffer {
  readonly components: readonly Component[];
  /** How many have been taken, in memory that the threads share; beyond the last one it goes on counting. */
  readonly taken: Int32Array;
}

/** What was made of the component at a place. */
export interface Done<Result> {
  readonly place: number;
  readonly result: Result;
}

/** Does it for one component after the other, in memory that they share. */
export function workOn({
  scenario,
  measure,
}: ComponentWork): (component: Component) => ComponentResult | ComponentFigures {
  if (measure !== undefined) return componentMeasure(scenario, measure);
  return (component) => simulateComponent(scenario, component);
}

/** Takes components that no other thread has taken until there are none, and does the work for each. */
export function* takeComponents<Result>(
  work: (component: Component) => Result,
  { components, taken }: ComponentOffer,
): Generator<Done<Result>> {
  for (;;) {
    const place = Atomics.add(taken, 0, 1);
    if (place >= components.length) return;
    yield { place, result: work(components[place]!) };
  }
}
