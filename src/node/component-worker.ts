import type { ComponentResult } from '../simulator/component-run.js';
import { simulateComponent } from '../simulator/simulate.js';
import type { ComponentTask } from './simulate-on-threads.js';

/** Runs in a worker thread: simulates components one after the other. */
export default function run({ scenario, components }: ComponentTask): ComponentResult[] {
  return components.map((component) => simulateComponent(scenario, component));
}
