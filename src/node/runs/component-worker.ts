import { Piscina } from 'piscina';
import type { Scenario } from '../../scenario/scenario.js';
import type { ComponentResult } from '../../simulator/component-run.js';
import type { Component } from '../../simulator/partition.js';
import { simulateComponent } from '../../simulator/simulate.js';
import { moved } from '../memory/moved.js';

const scenario = Piscina.workerData as Scenario;

/** Runs in a worker thread, which has the scenario: simulates components one after the other. */
export default function run(components: readonly Component[]): ComponentResult[] {
  return moved(components.map((component) => simulateComponent(scenario, component)));
}
