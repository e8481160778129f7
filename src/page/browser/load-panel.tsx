import { computed } from '@preact/signals';
import { formatNumber } from '../../report/format.js';
import type { ScenarioSpec } from '../../scenario/spec.js';
import type { ScenarioData } from '../carried.js';
import { loadAmount, withLoadAmount } from '../edit/load.js';
import { change, endGesture, spec } from './state.js';

/** Steps of a slider for each factor of ten. */
const STEPS = 40;

const checked = computed(() => spec.value as unknown as ScenarioSpec);

export function LoadPanel() {
  const { tenants = [], durationS = 1 } = checked.value;
  return (
    <section id="load">
      <h2>Load</h2>
      <div class="sliders">
        {tenants.map((tenant, i) => {
          const { unit, value } = loadAmount(tenant, durationS);
          const set = (to: number) =>
            change(withLoadAmount(checked.value, i, to) as unknown as ScenarioData, `load ${i}`);
          return (
            <label key={tenant.name}>
              <span>{tenant.name}</span>
              <input
                type="range"
                min={-STEPS}
                max={5 * STEPS}
                value={Math.round(Math.log10(value) * STEPS)}
                aria-valuetext={`${formatNumber(value)} ${unit}`}
                onInput={({ currentTarget }) => set(10 ** (Number(currentTarget.value) / STEPS))}
                onChange={endGesture}
              />
              <output>
                {formatNumber(value)} {unit}
              </output>
            </label>
          );
        })}
      </div>
    </section>
  );
}
