import { computed, effect, signal } from '@preact/signals';
import { formatNumber, formatSetting } from '../../report/format.js';
import type { TenantSpec } from '../../scenario/spec/tenant-spec.js';
import type { ScenarioSpec } from '../../scenario/spec.js';
import {
  knobOf,
  loadAmount,
  MADE_SHAPES,
  type MadeShape,
  SHAPE_NAMES,
  type Shape,
  shapeOf,
  wholeClients,
  withKnob,
  withLoadAmount,
  withShape,
} from '../edit/load-shape.js';
import type { TraceTenants } from '../trace-tenants.js';
import { ask } from './on-demand.js';
import { answer, changeTo, endGesture, files, scenario } from './state.js';

/** Steps of a slider for each factor of ten. */
const STEPS = 40;

const traces = computed(() => files.value.traces);
const tenantsOfTraces = signal<TraceTenants>({});
effect(() => {
  const asked = traces.value;
  if (Object.keys(asked).length === 0) return;
  ask({ kind: 'tenants', traces: asked }).then((tenants) => {
    if (asked === traces.value) tenantsOfTraces.value = tenants;
  });
});

/** Everything that arrivals can be of now. */
const shapes = computed(() => [
  ...(Object.keys(MADE_SHAPES) as MadeShape[]).map((kind): Shape => ({ kind })),
  ...Object.keys(traces.value).flatMap((file): Shape[] => {
    const tenants = tenantsOfTraces.value[file] ?? [];
    if (tenants.length < 2) return [{ kind: 'trace', file }];
    return tenants.map((tenant) => ({ kind: 'trace', file, tenant }));
  }),
]);

export function LoadPanel() {
  const { tenants = [], durationS = 1 } = scenario.value;
  return (
    <section id="load">
      <h2>Load</h2>
      {tenants.map((tenant, i) => (
        <div class="sliders" key={tenant.name}>
          <Amount tenant={tenant} index={i} durationS={durationS} />
          <ShapeChoice tenant={tenant} index={i} />
        </div>
      ))}
    </section>
  );
}

interface Row {
  readonly tenant: TenantSpec;
  readonly index: number;
}

function Amount({ tenant, index, durationS }: Row & { readonly durationS: number }) {
  const { unit, value } = loadAmount(tenant, durationS);
  const set = (to: number) => apply(withLoadAmount(scenario.value, index, to), `load ${index}`);
  return (
    <label>
      <span>{tenant.name}</span>
      <input
        type="range"
        min={-STEPS}
        max={5 * STEPS}
        value={Math.round(Math.log10(value) * STEPS)}
        aria-valuetext={`${formatSetting(value)} ${unit}`}
        onInput={({ currentTarget }) => {
          const to = Number((10 ** (Number(currentTarget.value) / STEPS)).toPrecision(3));
          set(unit === 'clients' ? wholeClients(value, to) : to);
        }}
        onChange={endGesture}
      />
      <output>
        {formatSetting(value)} {unit}
      </output>
    </label>
  );
}

function ShapeChoice({ tenant, index }: Row) {
  const present = presentShape(tenant);
  const known = shapes.value.some((shape) => isSame(shape, present));
  const options = known ? shapes.value : [present, ...shapes.value];
  const choose = (at: number) =>
    apply(withShape(scenario.value, index, options[at]!, ratePerS(tenant, index)));
  const knob = knobOf(tenant.load);
  return (
    <>
      <label class="shape">
        <span>arrivals</span>
        <select onChange={({ currentTarget }) => choose(Number(currentTarget.value))}>
          {options.map((shape, i) => (
            <option key={nameOf(shape)} value={i} selected={isSame(shape, present)}>
              {nameOf(shape)}
            </option>
          ))}
        </select>
      </label>
      {knob !== undefined && (
        <label>
          <span>{knob.name}</span>
          <input
            type="range"
            min={knob.min}
            max={knob.max}
            step={knob.step}
            value={knob.value}
            onInput={({ currentTarget }) =>
              apply(withKnob(scenario.value, index, Number(currentTarget.value)), `knob ${index}`)
            }
            onChange={endGesture}
          />
          <output>{formatNumber(knob.value)}</output>
        </label>
      )}
    </>
  );
}

/** Where a trace has a tenant of the same name, that one is meant unless another is named. */
function presentShape({ name, load }: TenantSpec): Shape {
  const shape = shapeOf(load);
  const own: Shape =
    shape.kind === 'trace' && shape.tenant === undefined ? { ...shape, tenant: name } : shape;
  return shapes.value.some((one) => isSame(one, own)) ? own : shape;
}

/** What a trace or clients sent in the last run; what a process says of itself. */
function ratePerS(tenant: TenantSpec, index: number): number {
  const { unit, value } = loadAmount(tenant, scenario.value.durationS ?? 1);
  if (unit === 'requests/s') return value;
  const offered = answer.value?.report.summary.tenants[index]?.offeredPerS;
  return offered !== undefined && offered > 0 ? offered : 1;
}

function isSame(a: Shape, b: Shape): boolean {
  return nameOf(a) === nameOf(b);
}

function nameOf(shape: Shape): string {
  if (shape.kind !== 'trace') return SHAPE_NAMES[shape.kind];
  const file = shape.file.split('/').at(-1);
  return shape.tenant === undefined ? `trace ${file}` : `trace ${file}, ${shape.tenant}`;
}

function apply(next: ScenarioSpec, gesture?: string): void {
  if (gesture === undefined) endGesture();
  changeTo(next, gesture);
}
