import { describe, expect, it } from 'vitest';
import { slowdown } from '../../src/effects/interference/slowdown.js';
import { sampleProfile } from './samples.js';

const profile = sampleProfile();
const other = (model: string, pressure?: number) =>
  sampleProfile({ model, interference: { pairs: [], ...(pressure !== undefined && { pressure }) } });

describe('the slowdown beside another execution', () => {
  it('is the measured one beside itself and in a listed pair', () => {
    expect(slowdown(profile, 'resnet50', profile)).toEqual({ slowdown: 1.8, assumed: false });
    expect(slowdown(profile, 'bert', other('bert', 9))).toEqual({ slowdown: 2.5, assumed: false });
    expect(slowdown(profile, 'bert')).toEqual({ slowdown: 2.5, assumed: false });
  });

  it('is 1 plus sensitivity times pressure for a model that is not listed', () => {
    expect(slowdown(profile, 'vgg', other('vgg', 0.6))).toEqual({ slowdown: 1.3, assumed: false });
  });

  it('follows the same rule beside itself when that was not measured', () => {
    const unmeasured = sampleProfile({ interference: { pairs: [], sensitivity: 0.5, pressure: 0.8 } });
    expect(slowdown(unmeasured, 'resnet50', unmeasured)).toEqual({ slowdown: 1.4, assumed: false });
  });

  it('is assumed to be fair halves when nothing is known', () => {
    expect(slowdown(profile, 'vgg')).toEqual({ slowdown: 2, assumed: true });
    expect(slowdown(profile, 'vgg', other('vgg'))).toEqual({ slowdown: 2, assumed: true });
    expect(slowdown(other('vgg', 1), 'vgg')).toEqual({ slowdown: 2, assumed: true });
  });
});
