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

type Loads = LiveCase['loads'];
const waiting = (name: string, ...loads: Loads): LiveCase => ({ name, group: 'sleeping', loads });
const computing = (name: string, ...loads: Loads): LiveCase => ({ name, group: 'onnx', loads });

export const LIVE_CASES: readonly LiveCase[] = [
  waiting('no delay, 58 % load', poisson('medium_delay_0', 1000)),
  waiting('no delay, 82 % load', poisson('medium_delay_0', 1420)),
  waiting('delay 0.5 ms, 35 % load', poisson('medium', 600)),
  waiting('delay 0.5 ms, 75 % load', poisson('medium', 1300)),
  waiting('delay 2 ms', poisson('medium_delay_2', 1000)),
  waiting('delay 8 ms', poisson('medium_delay_8', 1000)),
  waiting('delay 0.5 ms, queue limit', poisson('medium_limit', 1000)),
  waiting('delay 0.5 ms, two instances, bursts', bursty('medium_two', 1200)),
  waiting('two tenants', poisson('small', 700), poisson('large', 300)),
  waiting(
    'three tenants, recorded and bursty',
    ...[recorded('small', 0.02), poisson('medium_delay_2', 500), bursty('large', 200)],
  ),
  waiting('low load, two tenants', poisson('small', 60), poisson('large', 20)),
  computing('MobileNet alone', poisson('mobilenet', 100)),
  computing('ResNet-18 alone', poisson('resnet18', 50)),
  computing('the MLP alone', poisson('mlp', 90)),
  computing('MobileNet beside the MLP', poisson('mobilenet', 100), poisson('mlp', 100)),
  computing('MobileNet beside ResNet-18', poisson('mobilenet', 120), poisson('resnet18', 60)),
  computing(
    'three networks on two cores',
    ...[poisson('mobilenet', 70), poisson('resnet18', 40), poisson('mlp', 70)],
  ),
  computing(
    'low load, three networks',
    ...[poisson('mobilenet', 25), poisson('resnet18', 12), poisson('mlp', 20)],
  ),
];
