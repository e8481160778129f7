import type { ModelProfile } from '../../profile/profile.js';
import type { ServedPart } from '../problem-setting.js';
import { countsOfAll, leastInferences, type Use } from './called.js';
import { type DeviceTime, type LeastTimeOptions, leastDeviceTime } from './device-time.js';
import type { LeastLoad } from './least-load.js';

interface EngineTimeOptions extends Pick<LeastTimeOptions, 'chance'> {
  readonly engine: NonNullable<ServedPart['engine']>;
  readonly use: Use;
  readonly isRun: boolean;
  readonly executed: { readonly largest: number; readonly mostTogether: number };
}

/**
 * The least time that an engine takes for the tokens of a load: each step gives every sequence in it one token, of which the first
 * comes with the prompt. The KV cache, which holds requests back, is no part of it.
 */
export function leastEngineTime(
  profile: ModelProfile,
  load: LeastLoad,
  { engine, use, isRun, executed, chance }: EngineTimeOptions,
): DeviceTime {
  const { requests, leftOut } = countsOfAll(load);
  const most = Math.max(0, ...load.tenants.map(({ mostTokens }) => mostTokens));
  const ofCalls = (of: 'mean' | 'most') => ({
    perInference: use[of].calls,
    perRequest: 0,
    calls: use[of].calls,
  });
  const calls = { ...use, mean: ofCalls('mean'), most: ofCalls('most') };
  const tokensOf = (column: 'promptTokens' | 'decodeTokens') => {
    const inferences = load.tenants.reduce((sum, tenant) => sum + tenant[column], 0);
    return leastInferences(calls, { ...executed, requests, leftOut, inferences, largest: most }, isRun);
  };
  const steps = leastDeviceTime(profile, load, {
    chance,
    maxBatchSize: engine.maxSequences,
    inferences: tokensOf('decodeTokens'),
  });
  const prefillMs = tokensOf('promptTokens') * (profile.engine?.prefillMsPerToken ?? 0);
  const prefillS = prefillMs / 1000 / load.seconds;
  return { inferS: steps.inferS + prefillS, instanceS: steps.instanceS + prefillS };
}
