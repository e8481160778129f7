import { expect, it } from 'vitest';
import { secondsOf } from '../../src/cli/duration.js';

it.each([
  ['90', 90],
  ['250ms', 0.25],
  ['5m', 300],
  ['1.5h', 5400],
  ['7d', 604_800],
])('%s is a length of time', (text, seconds) => {
  expect(secondsOf('--duration', text)).toBe(seconds);
});
