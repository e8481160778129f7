import { fileURLToPath } from 'node:url';
import { loadScenario } from '../../src/node/scenario/scenario-files.js';
import { type CarriedScenario, carry } from '../../src/page/carried.js';
import type { ScenarioSpec } from '../../src/scenario/spec.js';

const EXAMPLES = fileURLToPath(new URL('../../examples/scenarios/', import.meta.url));

/** An example as the page has it, of so many seconds. */
export async function shipped(name: string, durationS = 5): Promise<CarriedScenario> {
  return carry(await loadScenario(`${EXAMPLES}${name}.yaml`, { durationS, warmUpS: 0 }), '0.0.0');
}

export function specIn({ spec }: CarriedScenario): ScenarioSpec {
  return spec as unknown as ScenarioSpec;
}
