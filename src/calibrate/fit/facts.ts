import type { GpuReading } from '../../live/server-metrics.js';
import type { ModelProfile, SpeedDrift } from '../../profile/profile.js';
import type { Serving, ThreadWaits } from '../../profile/serving.js';
import type { ModelConfig } from '../../scenario/model-config.js';
import type { Observation } from '../observation.js';
import type { Draft, FitInput } from './draft-profile.js';
import type { InterferenceFit, PairFit } from './interference/interference.js';
import type { Found } from './profile-of.js';
import type { ReplayFit } from './replay/replay-fits.js';
import type { ReplayedModel } from './replay/replay-scenario.js';
import type { ServiceResidual } from './service/service.js';
import type { DelayFit } from './threads/delays.js';
import type { FrontEndFit } from './threads/front-end.js';
import type { NetworkDelayFit } from './threads/network-delay.js';
import type { RequestCpu } from './threads/request-cpu.js';
import type { ResponseFit } from './threads/response.js';
import type { WakeUpOrderFit } from './threads/wake-up-order.js';
import type { Unidentified } from './unidentified.js';

/** All that a fit finds out, in the order in which its stages (`stages.ts`) do. Maps are by model. */
export interface FitFacts {
  readonly observations: readonly Observation[];
  /** Models with a sequential point, and those without, which have no profile. */
  readonly configs: readonly ModelConfig[];
  readonly missing: readonly ModelConfig[];
  /** What is known without measuring. */
  readonly given: Omit<FitInput, 'observations' | 'configs'>;

  /** Models whose executions compute on the host's cores, and those that only wait there. */
  readonly computing: ReadonlySet<string>;
  readonly waiting: ReadonlySet<string>;
  readonly speedDrift: ReadonlyMap<string, SpeedDrift>;
  /** What requests and executions take of the server's cores. */
  readonly requestCpu: ReadonlyMap<string, RequestCpu>;
  readonly frontEnds: ReadonlyMap<string, FrontEndFit>;
  readonly responses: ReadonlyMap<string, ResponseFit>;

  /** What threads wait for cores; undefined where they do not. */
  readonly threadWaits: ThreadWaits | undefined;
  readonly pairs: readonly PairFit[];
  readonly interference: InterferenceFit;
  readonly delays: DelayFit;
  readonly drafts: readonly Draft[];
  readonly wakeUpOrder: WakeUpOrderFit;
  /** Figures of the whole server. */
  readonly shared: WakeUpOrderFit['shared'] & Pick<Serving, 'cpuCores' | 'threadWaits'>;
  /** What is found of each draft, in their order. */
  readonly found: readonly Found[];
  /** The models as fast as the machine usually is. */
  readonly usual: readonly ReplayedModel[];

  readonly models: readonly ModelFit[];
  readonly profiles: readonly ModelProfile[];
  /** What was assumed instead of measured, one sentence each. */
  readonly uncertain: readonly string[];
  /** Parameters that the points do not tell. */
  readonly unidentified: readonly Unidentified[];
}

/** What was fitted of a model, beside what was measured. */
export interface ModelFit {
  readonly model: string;
  readonly networkDelay: NetworkDelayFit;
  readonly residuals: readonly ServiceResidual[];
  /** Open-loop points: measured beside what the profile gives for the same arrivals. */
  readonly replays: readonly ReplayFit[];
  /** The server's GPUs while the model was saturated with large batches, where its metrics were read. */
  readonly gpus?: readonly GpuReading[];
}
