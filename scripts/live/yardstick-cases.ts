import type { YardstickLoad } from './perf-analyzer-runs.js';
import type { LiveCase } from './scenarios.js';

export interface YardstickCase extends Pick<LiveCase, 'name' | 'group'> {
  readonly loads: readonly YardstickLoad[];
}

/** Loads that NVIDIA's perf_analyzer plays: the settings of the live cases, Poisson arrivals of its own. */
export const YARDSTICK_CASES: readonly YardstickCase[] = [
  { name: 'no delay', group: 'sleeping', loads: [{ model: 'medium_delay_0', ratePerS: 1000 }] },
  { name: 'no delay, high', group: 'sleeping', loads: [{ model: 'medium_delay_0', ratePerS: 1400 }] },
  { name: 'delay 0.5 ms, low', group: 'sleeping', loads: [{ model: 'medium', ratePerS: 300 }] },
  { name: 'delay 0.5 ms', group: 'sleeping', loads: [{ model: 'medium', ratePerS: 900 }] },
  { name: 'delay 2 ms', group: 'sleeping', loads: [{ model: 'medium_delay_2', ratePerS: 700 }] },
  { name: 'queue limit', group: 'sleeping', loads: [{ model: 'medium_limit', ratePerS: 1000 }] },
  { name: 'two instances', group: 'sleeping', loads: [{ model: 'medium_two', ratePerS: 1500 }] },
  {
    name: 'two tenants',
    group: 'sleeping',
    loads: [
      { model: 'small', ratePerS: 600 },
      { model: 'large', ratePerS: 250 },
    ],
  },
  {
    name: 'MobileNet beside the MLP',
    group: 'onnx',
    loads: [
      { model: 'mobilenet', ratePerS: 100 },
      { model: 'mlp', ratePerS: 100 },
    ],
  },
  {
    name: 'MobileNet beside ResNet-18',
    group: 'onnx',
    loads: [
      { model: 'mobilenet', ratePerS: 120 },
      { model: 'resnet18', ratePerS: 60 },
    ],
  },
];
