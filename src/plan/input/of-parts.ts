import { costlessProfile, isCostless } from '../../profile/costless.js';
import { CPU_KIND } from '../../profile/host-cores.js';
import type { ModelProfile } from '../../profile/profile.js';
import { serviceTime } from '../../profile/service-time.js';
import type { Trace } from '../../trace/trace.js';
import { usesOf } from '../bound/called.js';
import type { ServedPart, Workload } from '../problem-setting.js';

/** A workload of several models, before it has profiles of its own. */
type Called = Pick<Workload, 'model' | 'profiles' | 'ensembles' | 'largestRequest' | 'entries'> & {
  readonly parts: readonly ServedPart[];
};

/**
 * A profile of models as if they executed one after the other, as often as they are called; undefined where one of them has none
 * there.
 */
export function ofParts(workload: Called, kind: number, tokens: MeanTokens): ModelProfile | undefined {
  const { model, parts, largestRequest } = workload;
  const profiles = parts.flatMap((part) => part.profiles[kind] ?? []);
  if (profiles.length < parts.length) return undefined;
  const uses = usesOf(workload);
  const sizes = [...new Set(profiles.flatMap(({ service }) => service.map(({ batchSize }) => batchSize)))];
  const sum = (size: number, phase: 'inputMs' | 'inferMs' | 'outputMs') =>
    parts.reduce((all, part, i) => {
      const { mean, isSplit } = uses.get(part.model)!;
      const requests = Math.max(1, size / largestRequest);
      const inferences = mean.perInference * size + mean.perRequest * requests;
      const together = isSplit ? inferences / requests : inferences;
      const batch = Math.max(1, Math.min(size, together));
      const { engine } = part;
      const ms =
        engine === undefined
          ? serviceTime(profiles[i]!, batch)[phase]
          : answerMs(profiles[i]!, Math.min(batch, engine.maxSequences), tokens, phase);
      return all + (inferences / batch) * ms;
    }, 0);
  const executed = parts.filter((part) => uses.get(part.model)!.most.calls > 0);
  const ownMs = executed.reduce(
    (all, { model: name, calls = [], times = 1 }) =>
      all +
      Math.min(1, uses.get(name)!.mean.calls) *
        times *
        calls.reduce((own, step) => own + (step.ownMs ?? 0), 0),
    0,
  );
  return {
    // On the GPU where any of them is.
    ...costlessProfile(model, profiles.find(({ device }) => device !== CPU_KIND)?.device ?? CPU_KIND),
    service: sizes
      .sort((a, b) => a - b)
      .map((batchSize) => ({
        batchSize,
        inputMs: sum(batchSize, 'inputMs'),
        inferMs: sum(batchSize, 'inferMs'),
        outputMs: sum(batchSize, 'outputMs') + ownMs,
        executions: 0,
        relativeError: 0,
      })),
    hostCores: {
      ...profiles[0]!.hostCores,
      infer: Math.max(0, ...profiles.map((each) => (isCostless(each) ? 0 : each.hostCores.infer))),
    },
    load: {
      ...profiles[0]!.load,
      loadMs: profiles.reduce((all, { load }) => all + load.loadMs, 0),
    },
  };
}

interface MeanTokens {
  readonly prompt: number;
  readonly output: number;
}

export function meanTokens(traces: readonly Trace[]): MeanTokens {
  const meanOf = (column: 'promptTokens' | 'outputTokens') => {
    const all = traces.flatMap((trace) => [...(trace[column] ?? [])]);
    return all.reduce((sum, tokens) => sum + tokens, 0) / Math.max(1, all.length);
  };
  return { prompt: meanOf('promptTokens'), output: meanOf('outputTokens') };
}

/** What so many requests take of an engine together: their prompts, and a step for each further token of their answers. */
function answerMs(
  profile: ModelProfile,
  requests: number,
  { prompt, output }: MeanTokens,
  phase: 'inputMs' | 'inferMs' | 'outputMs',
): number {
  const prefillMs = phase === 'inferMs' ? requests * prompt * (profile.engine?.prefillMsPerToken ?? 0) : 0;
  return prefillMs + Math.max(0, output - 1) * serviceTime(profile, requests)[phase];
}
