import { expect, it } from 'vitest';
import { resourcesOf } from '../../src/page/carried.js';
import {
  knobOf,
  loadAmount,
  type Shape,
  shapeOf,
  wholeClients,
  withKnob,
  withLoadAmount,
  withShape,
} from '../../src/page/edit/load-shape.js';
import { checkSpec } from '../../src/page/simulate-carried.js';
import { tenantsOfTraces } from '../../src/page/trace-tenants.js';
import { shipped, specIn } from './shipped.js';

const carried = await shipped('bursty', 10);
const spec = specIn(carried);
const TRACE = 'arrival_us,tenant\n0,a\n10,b\n2000000,a\n';
const resources = resourcesOf({ ...carried, traces: { 'mine.csv': TRACE } });

it.each<Shape>([{ kind: 'poisson' }, { kind: 'gamma' }, { kind: 'diurnal' }])(
  'arrivals become those of $kind at the same rate, and can be turned',
  (shape) => {
    const changed = withShape(spec, 1, shape, 250);
    expect(shapeOf(changed.tenants[1]!.load)).toEqual(shape);
    expect(loadAmount(changed.tenants[1]!, 10).value).toBeCloseTo(250, 6);
    expect(changed.tenants[0]).toBe(spec.tenants[0]);
    const knob = knobOf(changed.tenants[1]!.load);
    expect(knob === undefined).toBe(shape.kind === 'poisson');
    for (const value of knob === undefined ? [] : [knob.min, knob.max]) {
      const turned = withKnob(changed, 1, value);
      expect(knobOf(turned.tenants[1]!.load)!.value).toBe(value);
      expect(() => checkSpec(turned, resources)).not.toThrow();
    }
  },
);

it('arrivals become those of a tenant of a trace, in which the slider is then a factor', () => {
  const traces = { 'mine.csv': TRACE, 'broken.csv': 'no trace' };
  expect(tenantsOfTraces(traces)).toEqual({ 'mine.csv': ['a', 'b'], 'broken.csv': [] });
  const changed = withShape(spec, 0, { kind: 'trace', file: 'mine.csv', tenant: 'a' }, 1);
  expect(shapeOf(changed.tenants[0]!.load)).toEqual({ kind: 'trace', file: 'mine.csv', tenant: 'a' });
  const doubled = withLoadAmount(changed, 0, 2);
  expect(loadAmount(doubled.tenants[0]!, 10)).toEqual({ unit: 'times the trace', value: 2 });
  expect(() => checkSpec(doubled, resources)).not.toThrow();
});

it.each([
  [8, 8.41, 9],
  [8, 7.5, 7],
  [8, 16.2, 16],
  [1, 0.94, 1],
])('a slider of %i clients at %f stands for %i', (present, wanted, clients) => {
  expect(wholeClients(present, wanted)).toBe(clients);
});
