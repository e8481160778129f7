import { plural } from '../../base/plural.js';
import { formatCount, formatPercent, formatSetting, formatUsd } from '../format.js';
import type { PlanReport } from './plan-report.js';

/** In short, that the answer is not proven to be the cheapest. */
export function openSentences(report: PlanReport): string[] {
  const { gap, isOptimal } = report;
  if (isOptimal || gap === undefined || gap <= 0) return [];
  const verb = report.goal === 'cost' ? 'cost' : 'have';
  return [
    `A better placement is not ruled out; none can ${verb} less than ${floorText(report)}. A larger --budget looks at more.`,
  ];
}

/** How far the answer is from what no placement can be below, and how that is known. */
export function gapSentence(report: PlanReport): string {
  const { gap, isOptimal, isLookedAt, simulations, withHosts } = report;
  const made = `${formatCount(simulations)} ${plural(simulations, 'simulation')}`;
  if (isOptimal)
    return `No placement is cheaper: all that could be, with the settings that the plan allows (one choice for all replicas of a model), were looked at (${made}).`;
  const floor = floorText(report);
  const gapText = `the gap is ${formatPercent(gap ?? Number.NaN)} %, after ${made}`;
  if (isLookedAt)
    return `No placement costs less than ${floor}: all that do, with the settings that the plan allows (one choice for all replicas of a model), were looked at; ${gapText}.`;
  const time = withHosts ? 'time of devices and cores' : 'device time';
  const bounded = `No placement can sustain this load on less than ${floor}, whatever its schedule (integer program over ${time}, memory, front ends and links)`;
  if (gap !== undefined && gap < 0)
    return `${bounded}: this one costs less because it only meets its SLOs within the run, after ${made}. Plan with a longer durationS.`;
  return `${bounded}: ${gapText}.`;
}

/** What no placement can be below. */
function floorText({ goal, bound, withHosts }: PlanReport): string {
  return goal === 'cost'
    ? `$${formatUsd(bound)} per hour`
    : `${formatSetting(bound)} ${withHosts ? 'hosts or GPUs' : 'GPUs'}`;
}
