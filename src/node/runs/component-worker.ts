import { Piscina } from 'piscina';
import type { ComponentFigures } from '../../measure/component-figures.js';
import type { ComponentResult } from '../../simulator/component-result.js';
import { moved } from '../memory/moved.js';
import { takenOver } from '../memory/shared-scenario.js';
import {
  type ComponentOffer,
  type ComponentWork,
  type Done,
  takeComponents,
  workOn,
} from './component-work.js';

const given = Piscina.workerData as ComponentWork;
const work = workOn({ ...given, scenario: takenOver(given.scenario) });

/** Runs in a worker thread, which has the scenario: simulates components until none is left. */
export default function run(offer: ComponentOffer): Done<ComponentResult | ComponentFigures>[] {
  return moved([...takeComponents(work, offer)]);
}
