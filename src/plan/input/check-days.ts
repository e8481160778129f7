import { countBefore } from '../../base/count-before.js';
import { RandomStreams } from '../../base/random.js';
import type { Findings } from '../../scenario/check/findings.js';
import { LoadBuilder } from '../../scenario/check/load.js';
import type { ScenarioResources } from '../../scenario/resources.js';
import { tokenSampler } from '../../simulator/event-loop/tokens.js';
import type { Trace } from '../../trace/trace.js';
import { drawBlocks, resampleBlocks } from '../bootstrap.js';
import type { Day } from '../problem-setting.js';
import type { PlanSpec, PlanTenantSpec } from '../spec.js';

/** Longer blocks would put together days that are nearly the one given. */
const LONGEST_BLOCK = 1 / 4;
const DEFAULT_BLOCK = 1 / 10;

/** The day as given, and those drawn anew. On a day that was drawn, a tenant may have no request. */
export function resolveDays(
  spec: PlanSpec,
  warmUpS: number,
  resources: ScenarioResources,
  findings: Findings,
): Day[] {
  if (!findings.gaps.at(['durationS'])) checkBlocks(spec, findings);
  const first = arrivalsOf(spec, spec.seed, resources, findings);
  if (findings.list.problems.length === 0) checkCounted(spec, warmUpS, first, findings);
  const asDay = (traces: readonly Trace[], i: number): Day => ({ name: `day ${i + 1}`, traces });
  if (findings.list.problems.length > 0 || spec.days === undefined) return [asDay(first, 0)];
  const durationUs = Math.round(spec.durationS * 1e6);
  const blockUs = Math.max(1, Math.round((spec.days.blockS ?? spec.durationS * DEFAULT_BLOCK) * 1e6));
  const further = Array.from({ length: spec.days.count }, (_, i) => {
    const seed = `${spec.seed}/day ${i + 2}`;
    const starts = drawBlocks(durationUs, blockUs, new RandomStreams(seed).get('blocks'));
    return arrivalsOf(spec, seed, resources, findings, (t) =>
      resampleBlocks(first[t]!, blockUs, starts, durationUs),
    );
  });
  return [first, ...further].map(asDay);
}

function checkBlocks({ days, durationS }: PlanSpec, findings: Findings): void {
  const { blockS } = days ?? {};
  if (blockS === undefined || blockS <= durationS * LONGEST_BLOCK) return;
  findings.problem(
    ['days', 'blockS'],
    `blocks of ${blockS} s are too long to put other days together from ${durationS} s`,
    `write at most ${durationS * LONGEST_BLOCK}, or a longer durationS`,
  );
}

/** What is never counted would be called met. */
function checkCounted(spec: PlanSpec, warmUpS: number, traces: readonly Trace[], findings: Findings): void {
  for (const [t, { arrivalUs }] of traces.entries()) {
    if (countBefore(arrivalUs, warmUpS * 1e6) < arrivalUs.length) continue;
    findings.problem(
      ['tenants', t, 'load'],
      `no request of it falls into the ${spec.durationS - warmUpS} s counted`,
      'write a longer durationS, or leave the tenant out',
    );
  }
}

const NO_ARRIVALS: Trace = {
  tenants: [''],
  arrivalUs: new Float64Array(0),
  tenant: new Uint16Array(0),
  durationUs: 1,
};

/** The arrivals of every tenant on a day; `replayed` gives those of the ones with a trace, where it is not as it is. */
function arrivalsOf(
  spec: PlanSpec,
  seed: number | string,
  resources: ScenarioResources,
  findings: Findings,
  replayed?: (tenant: number) => Trace,
): Trace[] {
  // Where the file is wrong about it, nothing is said of what lies beyond its default.
  const durationUs = findings.gaps.at(['durationS'])
    ? undefined
    : Math.max(1, Math.round(spec.durationS * 1e6));
  const streams = new RandomStreams(seed);
  const loads = new LoadBuilder({ traces: resources.traces, streams, durationUs }, findings);
  return spec.tenants.map((tenant, t) => {
    if (replayed !== undefined && tenant.load.trace !== undefined) return replayed(t);
    const load = loads.build({ ...tenant, routing: 'roundRobin', sharedMemory: 'none' }, ['tenants', t]);
    return load?.mode === 'open' ? withTokens(load.trace, tenant, streams) : NO_ARRIVALS;
  });
}

/** With the tokens of each request, drawn as a simulation does, so that each of several devices gets its part of them. */
function withTokens(trace: Trace, { name, tokens }: PlanTenantSpec, streams: RandomStreams): Trace {
  if (tokens === undefined) return trace;
  const column = (use: 'prompt' | 'output', said?: Uint32Array) => {
    const draw = tokenSampler(tokens[use], streams.get(`${use} tokens ${name}`));
    return Uint32Array.from(trace.arrivalUs, (_, row) => said?.[row] || draw());
  };
  return {
    ...trace,
    promptTokens: column('prompt', trace.promptTokens),
    outputTokens: column('output', trace.outputTokens),
  };
}
