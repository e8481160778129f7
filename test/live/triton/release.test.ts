import { expect, it } from 'vitest';
import { releaseOf } from '../../../src/live/triton/release.js';

it.each([
  ['2.18.0', '22.01'],
  ['2.29.0', '22.12'],
  ['2.30.0', '23.01'],
  ['2.43.0', '24.02'],
  ['2.51.0', '24.10'],
  ['2.59.0', '25.06'],
  ['2.59.1', '25.07'],
  ['2.60.0', '25.08'],
  ['2.63.0', '25.11'],
  ['2.73.0dev', '26.09'],
  ['2.17.0', undefined],
  ['1.14.0', undefined],
  ['', undefined],
  ['2.x', undefined],
])('Triton %s belongs to release %s', (version, release) => {
  expect(releaseOf(version)).toBe(release);
});
