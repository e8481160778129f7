import { Piscina } from 'piscina';
import type { ComponentFigures } from '../../measure/component-figures.js';
import type { ComponentResult } from '../../simulator/component-result.js';
import { moved } from '../memory/moved.js';
import {
  type ComponentOffer,
  type ComponentWork,
  type Done,
  takeComponents,
  workOn,
} from './component-work.js';

const work = workOn(Piscina.workerData as ComponentWork);

/** Runs in a worker thread, which has the scenario: simulates components until none is left. */
export default function run(offer: ComponentOffer): Done<ComponentResult | ComponentFigures>[] {
  return moved([...takeComponents(work, offer)]);
}
