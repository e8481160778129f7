import { RandomStreams } from '../base/random.js';
import type { Load } from '../scenario/scenario.js';
import { generateTrace, tenantRandoms } from '../trace/synthesis/generate.js';
import { isNarrow, observationOf, type PointLoad, type PointPart } from './assemble-observation.js';
import { type Experiment, isOpen } from './experiment.js';
import { measureLoading } from './measure-loading.js';
import { closedLoopClients, type MeasureContext, SLICE_S } from './measure-part.js';
import { measureSelf } from './measure-self.js';
import { measureSteps } from './measure-steps.js';
import type { Observation } from './observation.js';
import { arrivalsInTurns, TURN_S, wholeCycles } from './turns.js';

const LEAST_S = 2;
/** An open loop of more requests tells little more. */
const ENOUGH_REQUESTS = 20_000;

/**
 * Measures one point: warms up, then loads in steps until the mean latency is known narrowly enough or the
 * time is spent. A run whose generator fell behind is refused.
 * @throws LiveError when the server fails; the points before are not touched
 */
export async function measure(experiment: Experiment, context: MeasureContext): Promise<Observation> {
  if (experiment.kind === 'load') return measureLoading(experiment, context);
  if (experiment.kind === 'sequential') return measureSteps(experiment, context);
  if (experiment.kind === 'self') return measureSelf(experiment, context);
  const loads = loadsOf(experiment, context);
  const { server } = context;
  await server.warmUp(loads);
  let parts: PointPart[] = [];
  const longestS = Math.max(LEAST_S, context.longestS);
  const sliceS = experiment.kind === 'together' ? TURN_S : SLICE_S;
  if (isOpen(experiment)) {
    const enoughS = Math.max(
      LEAST_S,
      ENOUGH_REQUESTS / Math.max(...loads.map(({ ratePerS = 1 }) => ratePerS)),
    );
    const openS = Math.min(longestS, enoughS);
    const durationS = experiment.kind === 'together' ? wholeCycles(openS) : openS;
    parts = [await server.play(loads, durationS, sliceS)];
  } else {
    for (let spentS = 0; spentS < longestS && (spentS < LEAST_S || !isNarrow(parts)); ) {
      const partS = Math.min(LEAST_S, longestS - spentS);
      parts.push(await server.play(loads, partS, sliceS));
      spentS += partS;
    }
  }
  return observationOf(experiment, loads, parts, server.nowMs());
}

function loadsOf(
  experiment: Exclude<Experiment, { kind: 'load' | 'sequential' | 'self' }>,
  context: MeasureContext,
): (PointLoad & { readonly ratePerS?: number })[] {
  const { model } = experiment;
  switch (experiment.kind) {
    case 'saturated':
    case 'backlog':
    case 'frontEnd':
      return [closedLoopClients(model, experiment.batchSize, experiment.concurrency)];
    case 'pair':
      return [
        closedLoopClients(model, experiment.batchSize, 1),
        closedLoopClients(experiment.other, experiment.otherBatchSize, 1),
      ];
    case 'alone':
      return [poisson(model, singlesAt(experiment.busyShare, model, context), experiment.id)];
    case 'together': {
      const { busyShare, other, id } = experiment;
      return [
        inTurns(poisson(model, singlesAt(busyShare, model, context), id), 'first'),
        inTurns(poisson(other, singlesAt(busyShare, other, context), id), 'second'),
      ];
    }
    case 'poisson': {
      const capacityPerS = context.capacityPerS(model);
      if (capacityPerS === undefined) throw new Error(`${model} has no saturated point yet`);
      return [poisson(model, experiment.loadShare * capacityPerS, experiment.id)];
    }
  }
}

/** Part of its capacity that single inferences of a model may take, and where that is not known so many per second. */
const MOST_OF_CAPACITY = 0.5;
const UNKNOWN_CAPACITY_PER_S = 1000;

/** Requests of one inference per second that would keep the model busy for that share of the time. */
function singlesAt(busyShare: number, model: string, { singlesPerS, capacityPerS }: MeasureContext): number {
  const perS = singlesPerS(model);
  if (perS === undefined) throw new Error(`${model} has no sequential point yet`);
  return Math.min(busyShare * perS, MOST_OF_CAPACITY * (capacityPerS(model) ?? UNKNOWN_CAPACITY_PER_S));
}

interface OpenLoad extends PointLoad {
  readonly ratePerS: number;
  readonly load: (durationS: number) => Load & { readonly mode: 'open' };
}

function inTurns(open: OpenLoad, own: 'first' | 'second'): OpenLoad {
  return {
    ...open,
    load: (durationS) => {
      const load = open.load(durationS);
      return { ...load, trace: arrivalsInTurns(load.trace, own) };
    },
  };
}

function poisson(model: string, ratePerS: number, seed: string): OpenLoad {
  return {
    model,
    batchSize: 1,
    ratePerS,
    load: (durationS) => ({
      mode: 'open',
      trace: generateTrace({
        ...tenantRandoms(new RandomStreams(seed), model),
        tenant: model,
        process: { kind: 'poisson', ratePerS },
        durationS,
      }),
    }),
  };
}
