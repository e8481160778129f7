import { Piscina } from 'piscina';
import type { ComponentFigures } from '../../measure/component-figures.js';
import { componentMeasure } from '../../measure/measure-run.js';
import type { SeriesSize } from '../../measure/tenant-series.js';
import type { Scenario } from '../../scenario/scenario.js';
import type { ComponentResult } from '../../simulator/component-run.js';
import type { Component } from '../../simulator/partition.js';
import { simulateComponent } from '../../simulator/simulate.js';
import { moved } from '../memory/moved.js';

/** What a thread is started with. */
export interface ComponentWork {
  readonly scenario: Scenario;
  /** Give figures, with series for charts where they are asked for; absent: give every request. */
  readonly measure?: { readonly series?: SeriesSize | undefined };
}

const { scenario, measure } = Piscina.workerData as ComponentWork;
const work = measure === undefined ? undefined : componentMeasure(scenario, measure);

/** Runs in a worker thread, which has the scenario: simulates components one after the other. */
export default function run(components: readonly Component[]): ComponentResult[] | ComponentFigures[] {
  if (work !== undefined) return moved(components.map(work));
  return moved(components.map((component) => simulateComponent(scenario, component)));
}
