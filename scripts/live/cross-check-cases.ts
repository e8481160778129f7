import type { CrossCheckLoad } from './perf-analyzer-runs.js';
import type { LiveCase } from './scenarios.js';

export interface CrossCheckCase extends Pick<LiveCase, 'name' | 'group'> {
  readonly loads: readonly CrossCheckLoad[];
}

/** Loads that NVIDIA's perf_analyzer plays: the settings of the live cases, Poisson arrivals of its own. */
export const CROSS_CHECK_CASES: readonly CrossCheckCase[] = [
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
export const OTHER_CROSS_CHECK_CASES: readonly CrossCheckCase[] = [
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

/** Of the models far from the sample's. */
export const FAR_CROSS_CHECK_CASES: readonly CrossCheckCase[] = [
  { name: 'tiny executions', group: 'sleeping', loads: [{ model: 'tiny', ratePerS: 1500 }] },
  {
    name: 'long beside tiny',
    group: 'sleeping',
    loads: [
      { model: 'long', ratePerS: 60 },
      { model: 'tiny', ratePerS: 500 },
    ],
  },
  {
    name: 'taking turns',
    group: 'sleeping',
    loads: [
      { model: 'turns_short', ratePerS: 120 },
      { model: 'turns_long', ratePerS: 60 },
    ],
  },
  { name: 'large images', group: 'onnx', loads: [{ model: 'mobile224', ratePerS: 15 }] },
  { name: 'default scheduler', group: 'onnx', loads: [{ model: 'mobile224_default', ratePerS: 15 }] },
  {
    name: 'two large networks',
    group: 'onnx',
    loads: [
      { model: 'mobile224', ratePerS: 10 },
      { model: 'res160', ratePerS: 6 },
    ],
  },
  {
    name: 'small requests beside a large network',
    group: 'onnx',
    loads: [
      { model: 'mlp512', ratePerS: 500 },
      { model: 'res160', ratePerS: 6 },
    ],
  },
  {
    name: 'all seven',
    group: 'onnx',
    loads: [
      { model: 'tiny', ratePerS: 200 },
      { model: 'long', ratePerS: 20 },
      { model: 'turns_short', ratePerS: 40 },
      { model: 'turns_long', ratePerS: 30 },
      { model: 'mobile224', ratePerS: 6 },
      { model: 'res160', ratePerS: 3 },
      { model: 'mlp512', ratePerS: 100 },
    ],
  },
];
