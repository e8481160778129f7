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

/** Of the other models: one to six tenants at once. */
export const OTHER_YARDSTICK_CASES: readonly YardstickCase[] = [
  {
    name: 'three that wait',
    group: 'sleeping',
    loads: [
      { model: 'quick', ratePerS: 800 },
      { model: 'slow', ratePerS: 250 },
      { model: 'single', ratePerS: 500 },
    ],
  },
  { name: 'preferred sizes, high', group: 'sleeping', loads: [{ model: 'quick', ratePerS: 1800 }] },
  { name: 'default scheduler', group: 'sleeping', loads: [{ model: 'quick_default', ratePerS: 600 }] },
  {
    name: 'two networks',
    group: 'onnx',
    loads: [
      { model: 'mobile128', ratePerS: 70 },
      { model: 'res96', ratePerS: 25 },
    ],
  },
  {
    name: 'many small requests beside a network',
    group: 'onnx',
    loads: [
      { model: 'mlp1024', ratePerS: 600 },
      { model: 'mobile128', ratePerS: 50 },
    ],
  },
  {
    name: 'all six',
    group: 'onnx',
    loads: [
      { model: 'quick', ratePerS: 200 },
      { model: 'slow', ratePerS: 60 },
      { model: 'single', ratePerS: 150 },
      { model: 'mobile128', ratePerS: 40 },
      { model: 'res96', ratePerS: 12 },
      { model: 'mlp1024', ratePerS: 150 },
    ],
  },
  {
    name: 'two instances',
    group: 'onnx',
    loads: [
      { model: 'mobile128_two', ratePerS: 120 },
      { model: 'slow', ratePerS: 100 },
    ],
  },
];
