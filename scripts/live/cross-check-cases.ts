import type { CrossCheckLoad } from './perf-analyzer-runs.js';
import type { LiveCase } from './scenarios.js';

export interface CrossCheckCase extends Pick<LiveCase, 'name' | 'group'> {
  readonly loads: readonly CrossCheckLoad[];
}

/** @param perS requests per second of each model */
function load(
  group: LiveCase['group'],
  name: string,
  perS: Readonly<Record<string, number>>,
): CrossCheckCase {
  return { name, group, loads: Object.entries(perS).map(([model, ratePerS]) => ({ model, ratePerS })) };
}

/** Loads that NVIDIA's perf_analyzer plays: the settings of the live cases, Poisson arrivals of its own. */
export const SAMPLE_CASES: readonly CrossCheckCase[] = [
  load('sleeping', 'no delay', { medium_delay_0: 1000 }),
  load('sleeping', 'no delay, high', { medium_delay_0: 1400 }),
  load('sleeping', 'delay 0.5 ms, low', { medium: 300 }),
  load('sleeping', 'delay 0.5 ms', { medium: 900 }),
  load('sleeping', 'delay 2 ms', { medium_delay_2: 700 }),
  load('sleeping', 'queue limit', { medium_limit: 1000 }),
  load('sleeping', 'two instances', { medium_two: 1500 }),
  load('sleeping', 'two tenants', { small: 600, large: 250 }),
  load('onnx', 'MobileNet beside the MLP', { mobilenet: 100, mlp: 100 }),
  load('onnx', 'MobileNet beside ResNet-18', { mobilenet: 120, resnet18: 60 }),
];

/** Of the other models: one to six tenants at once. */
export const OTHER_CASES: readonly CrossCheckCase[] = [
  load('sleeping', 'three that wait', { quick: 800, slow: 250, single: 500 }),
  load('sleeping', 'preferred sizes, high', { quick: 1800 }),
  load('sleeping', 'default scheduler', { quick_default: 600 }),
  load('onnx', 'two networks', { mobile128: 70, res96: 25 }),
  load('onnx', 'many small requests beside a network', { mlp1024: 600, mobile128: 50 }),
  load('onnx', 'all six', { quick: 200, slow: 60, single: 150, mobile128: 40, res96: 12, mlp1024: 150 }),
  load('onnx', 'two instances', { mobile128_two: 120, slow: 100 }),
];

/** Of the models far from the sample's. */
export const FAR_CASES: readonly CrossCheckCase[] = [
  load('sleeping', 'tiny executions', { tiny: 1500 }),
  load('sleeping', 'long beside tiny', { long: 60, tiny: 500 }),
  load('sleeping', 'taking turns', { turns_short: 120, turns_long: 60 }),
  load('onnx', 'large images', { mobile224: 15 }),
  load('onnx', 'default scheduler', { mobile224_default: 15 }),
  load('onnx', 'two large networks', { mobile224: 10, res160: 6 }),
  load('onnx', 'small requests beside a large network', { mlp512: 500, res160: 6 }),
  load('onnx', 'all seven', {
    tiny: 200,
    long: 20,
    turns_short: 40,
    turns_long: 30,
    mobile224: 6,
    res160: 3,
    mlp512: 100,
  }),
];
