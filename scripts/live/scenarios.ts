/** Loads and settings that calibration has not seen, one to three tenants. */
export interface LiveCase {
  readonly name: string;
  /** Which claims of issue 4 it is held to. */
  readonly group: 'sleeping' | 'onnx';
  readonly loads: readonly { readonly model: string; readonly load: Record<string, unknown> }[];
}

const poisson = (model: string, ratePerS: number) => ({
  model,
  load: { process: { kind: 'poisson', ratePerS } },
});

const bursty = (model: string, ratePerS: number) => ({
  model,
  load: { process: { kind: 'bursty', ratePerS, burstRatio: 3, burstShare: 0.2, meanBurstS: 0.5 } },
});

/** Web requests of a busy hour, played faster. */
const recorded = (model: string, scaleTime: number) => ({
  model,
  load: { trace: { file: '../../../traces/nasa-1995-busiest-hour.csv.gz', scaleTime } },
});

export const LIVE_CASES: readonly LiveCase[] = [
  { name: 'no delay, 58 % load', group: 'sleeping', loads: [poisson('medium_delay_0', 1000)] },
  { name: 'no delay, 82 % load', group: 'sleeping', loads: [poisson('medium_delay_0', 1420)] },
  { name: 'delay 0.5 ms, 35 % load', group: 'sleeping', loads: [poisson('medium', 600)] },
  { name: 'delay 0.5 ms, 75 % load', group: 'sleeping', loads: [poisson('medium', 1300)] },
  { name: 'delay 2 ms', group: 'sleeping', loads: [poisson('medium_delay_2', 1000)] },
  { name: 'delay 8 ms', group: 'sleeping', loads: [poisson('medium_delay_8', 1000)] },
  { name: 'delay 0.5 ms, queue limit', group: 'sleeping', loads: [poisson('medium_limit', 1000)] },
  { name: 'delay 0.5 ms, two instances, bursts', group: 'sleeping', loads: [bursty('medium_two', 1200)] },
  { name: 'two tenants', group: 'sleeping', loads: [poisson('small', 700), poisson('large', 300)] },
  {
    name: 'three tenants, recorded and bursty',
    group: 'sleeping',
    loads: [recorded('small', 0.02), poisson('medium_delay_2', 500), bursty('large', 200)],
  },
  {
    name: 'low load, two tenants',
    group: 'sleeping',
    loads: [poisson('small', 60), poisson('large', 20)],
  },
  { name: 'MobileNet alone', group: 'onnx', loads: [poisson('mobilenet', 100)] },
  { name: 'ResNet-18 alone', group: 'onnx', loads: [poisson('resnet18', 50)] },
  { name: 'the MLP alone', group: 'onnx', loads: [poisson('mlp', 90)] },
  {
    name: 'MobileNet beside the MLP',
    group: 'onnx',
    loads: [poisson('mobilenet', 100), poisson('mlp', 100)],
  },
  {
    name: 'MobileNet beside ResNet-18',
    group: 'onnx',
    loads: [poisson('mobilenet', 120), poisson('resnet18', 60)],
  },
  {
    name: 'three networks on two cores',
    group: 'onnx',
    loads: [poisson('mobilenet', 70), poisson('resnet18', 40), poisson('mlp', 70)],
  },
  {
    name: 'low load, three networks',
    group: 'onnx',
    loads: [poisson('mobilenet', 25), poisson('resnet18', 12), poisson('mlp', 20)],
  },
];
