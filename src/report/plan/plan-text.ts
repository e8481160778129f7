import { plural } from '../../base/plural.js';
import { shellWord } from '../../base/shell-word.js';
import { someOf } from '../../base/some-of.js';
import { formatCount, formatNumber, formatPercent, formatSetting, formatUsd } from '../format.js';
import { ifRight } from '../provenance.js';
import type { Table } from '../tables/table.js';
import { type AnswerTextOptions, answerToText } from '../text/answer-text.js';
import { unmeasuredSentences } from './plan-devices.js';
import { doubtSentences } from './plan-doubt.js';
import { gapSentence, openSentences } from './plan-gap.js';
import { kindsTable } from './plan-kinds.js';
import type { PlanReport, ReportedCandidate } from './plan-report.js';
import { candidatesTable, devicesTable, machinesText, migrationTable, tenantsTable } from './plan-tables.js';

/** More violated SLOs than this are only counted. */
const MOST_SENTENCES = 5;
const MOST_ROWS = 40;

export interface PlanTextOptions extends AnswerTextOptions {
  /** Folders that were written: of scenarios, and of what Triton loads. */
  readonly out?: string;
  readonly emit?: string;
}

/** A plan for a terminal: the answer in words, who sits where, and what was asked for besides. */
export function planToText(report: PlanReport, { out, emit, ...options }: PlanTextOptions = {}): string {
  const { verbose = true } = options;
  const best = report.candidates.find(({ number }) => number === report.chosen);
  const asked = [
    ...(report.byKind ? [kindsTable(report.byKind)] : []),
    ...(report.migration ? [migrationTable(report.migration)] : []),
  ];
  return answerToText(
    {
      answer: [...planAnswer(report, verbose), ...explainSentences(report, out)],
      asked: [...(best === undefined ? [] : [devicesTable(best)]), ...asked].map(firstRows),
      details: [candidatesTable(report), ...(best ? [tenantsTable(best, report.days)] : [])].map(firstRows),
      warnings: report.warnings,
      next: [nextStep(report, { out, emit })],
    },
    { allIn: '--json and --out have', ...options },
  );
}

function firstRows(table: Table): Table {
  const left = table.rows.length - MOST_ROWS;
  if (left <= 0) return table;
  const more = `${formatCount(left)} more ${plural(left, 'row')}: see --json or --out.`;
  return { ...table, rows: table.rows.slice(0, MOST_ROWS), notes: [...table.notes, more] };
}

function nextStep({ chosen }: PlanReport, { out, emit }: Written): string {
  const answer = chosen === undefined ? undefined : placementFile(chosen, out);
  const which = answer === undefined ? '' : ` (the answer is ${answer})`;
  const scenarios =
    out === undefined
      ? `--out FOLDER writes a scenario for each placement${which}`
      : answer && `perseus open ${answer} shows the answer`;
  const models =
    emit === undefined ? `--emit FOLDER ${out === undefined ? '' : 'writes '}what Triton loads` : undefined;
  const steps = [scenarios, models].filter((step) => step !== undefined);
  return `${steps.length === 0 ? '' : `${steps.join(', ')}. `}-v shows all placements, each SLO and each warning.`;
}

type Written = { readonly [Folder in 'out' | 'emit']: string | undefined };

function placementFile(number: number, folder: string | undefined): string {
  const file = `scenarios/placement-${number}.yaml`;
  return folder === undefined ? file : shellWord(`${folder}/${file}`);
}

/** Where the reason is to be had of what the nearest placement breaks: in a scenario that only a folder has. */
function explainSentences(
  { chosen, candidates, shortfalls }: PlanReport,
  out: string | undefined,
): readonly string[] {
  if (chosen !== undefined || candidates.length === 0 || shortfalls.length === 0) return [];
  const where = out === undefined ? ', in the folder that --out writes,' : '';
  return [`perseus explain ${placementFile(1, out)}${where} names what is to blame.`];
}

/** The answer in sentences: all, or without those that ask nothing of a reader. */
export function planAnswer(report: PlanReport, verbose = true): readonly string[] {
  const best = report.candidates.find(({ number }) => number === report.chosen);
  if (best === undefined) {
    const violated = report.shortfalls.slice(0, MOST_SENTENCES).map(shortfallSentence);
    return [
      ...interruptedSentences(report),
      ifRight(noAnswer(report), report.profileGuesses),
      ...violated,
      ...nearestFailureSentences(report),
      ...neededSentences(report),
    ];
  }
  const gpus = best.gpus === 0 ? '' : ` (${formatCount(best.gpus)} ${plural(best.gpus, 'GPU')})`;
  const count = best.machines.reduce((sum, machines) => sum + machines.count, 0);
  const isOne = Math.max(best.gpus, count) === 1;
  const price =
    best.usdPerHour > 0
      ? ` for $${formatUsd(best.usdPerHour)} per hour, $${formatUsd(best.usdPerMillionInferences)} per million inferences`
      : '';
  const what = `${report.name}: ${machinesText(best.machines)}${gpus} ${metText(best, isOne)}${price}.`;
  return [
    ...interruptedSentences(report),
    ifRight(what, report.doubt?.profileGuesses),
    ...marginSentences(report),
    ...(report.doubt === undefined ? [] : doubtSentences(report.doubt).slice(0, verbose ? undefined : 2)),
    ...(verbose ? [gapSentence(report)] : openSentences(report)),
    ...stayingSentences(report),
    ...movingSentences(report),
    ...failureSentences(report),
    ...unmeasuredSentences(best.devices),
    ...crowdedSentences(best),
    ...fallingBehindSentences(best),
    ...tightSentences(best),
    ...hostSentences(report),
    ...memorySentences(best),
  ];
}

function interruptedSentences({ interrupted }: PlanReport): string[] {
  if (interrupted !== true) return [];
  return ['Interrupted: the search was stopped before its end, and this is the best that it had found.'];
}

/** What an interrupted search had found, in a few words. */
export function bestSoFar({ candidates, chosen, gap }: PlanReport): string {
  const best = candidates.find(({ number }) => number === chosen);
  if (best === undefined) return 'no placement that meets every SLO';
  const price = best.usdPerHour > 0 ? ` for $${formatUsd(best.usdPerHour)} per hour` : '';
  const above =
    gap !== undefined && gap > 0 ? `, at most ${formatPercent(gap)} % above the least possible` : '';
  return `${machinesText(best.machines)}${price}${above}`;
}

/** What machines do, one or several of them. */
function metText({ slos }: ReportedCandidate, isOne: boolean): string {
  const verb = (word: string) => (isOne ? `${word}s` : word);
  if (slos === 0) return `${verb('keep')} up with all requests (no SLO is asked for)`;
  return `${verb('meet')} ${slos === 1 ? 'the SLO' : `${slos === 2 ? 'both' : `all ${formatCount(slos)}`} SLOs`}`;
}

function stayingSentences({ migration }: PlanReport): string[] {
  if (migration === undefined || migration.steps.length > 0) return [];
  return ['The current placement meets every SLO, and nothing cheaper was found: no move pays.'];
}

/** Where it is worth leaving: to what, which need not be the answer, at what price and after how many moves. */
function movingSentences({ migration }: PlanReport): string[] {
  const step = migration?.steps[(migration.recommended ?? 0) - 1];
  if (migration === undefined || step === undefined) return [];
  const { current } = migration;
  const moves = `${formatCount(step.moves)} ${plural(step.moves, 'move leads', 'moves lead')}`;
  const isPriced = step.usdPerHour > 0 || current.usdPerHour > 0;
  const [after, before] = isPriced
    ? [`$${formatUsd(step.usdPerHour)} per hour`, `$${formatUsd(current.usdPerHour)}`]
    : [machinesText(step.machines), machinesText(current.machines)];
  const place = isPriced ? ` to ${machinesText(step.machines)}` : '';
  const was = current.slosMet === step.slosMet ? 'as now' : `instead of ${formatCount(current.slosMet)}`;
  return [
    `From the placement as it is now ${moves}${place}: ${after} instead of ${before}, with ${formatCount(step.slosMet)} of ${formatCount(step.slos)} SLOs met ${was}.`,
  ];
}

function marginSentences({ marginPercent }: PlanReport): string[] {
  if (marginPercent === 0) return [];
  return [`Everything was planned to take ${formatSetting(marginPercent)} % longer than its profile says.`];
}

/** The busiest of those devices that are busier than anything that was measured. */
function crowdedSentences({ devices }: ReportedCandidate): string[] {
  const beyond = devices.filter(({ measuredUpTo }) => measuredUpTo !== undefined);
  const [first] = beyond.sort((a, b) => b.busyShare - a.busyShare);
  if (first === undefined) return [];
  const servers = someOf(
    beyond.map(({ server }) => server),
    1,
  );
  return [
    `${servers}: busy for ${formatPercent(first.busyShare)} % of the time, where its profiles were measured up to ${formatPercent(first.measuredUpTo!)} %. Measure this placement (emit, validate) before you believe its latencies, or leave more room.`,
  ];
}

/** SLOs that a longer run would break. */
function fallingBehindSentences({ tenants }: ReportedCandidate): string[] {
  const [first, ...others] = tenants.filter(({ met, fallsBehind }) => met && fallsBehind);
  if (first === undefined) return [];
  const more = others.length > 0 ? ` So do ${formatCount(others.length)} more.` : '';
  return [
    `${first.tenant} falls behind: ever more of its requests wait, and its SLO is met only because the run ends.${more} Plan with a longer durationS.`,
  ];
}

/** SLOs that are kept by less than their prediction may be off, the tightest first. */
function tightSentences({ tenants }: ReportedCandidate): string[] {
  const tight = tenants.flatMap(({ errorPercent = 0, ...tenant }) => {
    const safeMs = tenant.limitMs / (1 + errorPercent / 100);
    return tenant.met && tenant.latencyMs > safeMs ? [{ ...tenant, errorPercent, safeMs }] : [];
  });
  const [first] = tight.sort((a, b) => b.latencyMs / b.limitMs - a.latencyMs / a.limitMs);
  if (first === undefined) return [];
  const { tenant, percentile, latencyMs, limitMs, errorPercent, safeMs } = first;
  const others = tight.length > 1 ? ` So do ${formatCount(tight.length - 1)} more.` : '';
  return [
    `${tenant} meets its SLO by less than its prediction may be off: p${formatSetting(percentile)} is ${formatNumber(latencyMs)} of ${formatSetting(limitMs)} ms, and with its profile the latencies of its own calibration were given back within ${formatNumber(errorPercent)} %.${others} Plan with a limit of ${formatNumber(safeMs)} ms to be sure.`,
  ];
}

/** What the cores of a host do besides executions is in the profiles that `calibrate` makes on the server's own machine. */
function hostSentences({ requestsUncounted, executionsUncounted }: PlanReport): string[] {
  const counted = requestsUncounted.filter((model) => !executionsUncounted.includes(model));
  const nothing =
    executionsUncounted.length === 0
      ? []
      : [
          `The profiles of ${someOf(executionsUncounted)} do not say what they take of a host's cores: nothing is counted, so that a host never has too many of them. Write hostCores into the profiles (infer: 1 for a model that keeps one core busy), or measure them with perseus calibrate.`,
        ];
  if (counted.length === 0) return nothing;
  return [
    ...nothing,
    `On hosts only executions of ${someOf(counted)} are counted: the profiles do not say what taking requests in costs the cores. It was half a core for a thousand requests/s elsewhere; write so much less under cpuCores.`,
  ];
}

function memorySentences({ devices }: ReportedCandidate): string[] {
  const unknown = [...new Set(devices.flatMap(({ memoryUncounted = [] }) => memoryUncounted))];
  if (unknown.length === 0) return [];
  return [
    `The GPU memory of ${someOf(unknown)} is not counted, as their profiles do not say it: see that models on one device fit there together.`,
  ];
}

function noAnswer({ name, shortfalls, failures, survive, isExhaustive }: PlanReport): string {
  const isKnown = shortfalls.length > 0 && shortfalls.every(({ mayBeMet }) => mayBeMet !== true);
  const isExplained = isKnown || (shortfalls.length === 0 && failures.some(({ met }) => !met));
  const more = isExplained ? '' : ' in the time given; allow more with --budget';
  const reason = isExhaustive
    ? '; there is none with the settings that the plan allows (one choice for all replicas of a model)'
    : more;
  const hasSlo = shortfalls.length === 0 || shortfalls.some(({ limitMs }) => limitMs !== undefined);
  const what = hasSlo ? 'meets every SLO' : 'keeps up with every tenant';
  const when = survive === 'nothing' ? '' : `, also without any one ${survive === 'gpu' ? 'GPU' : survive}`;
  return `${name}: no placement was found that ${what}${when}${reason}.`;
}

function nearestFailureSentences({ failures, candidates }: PlanReport): string[] {
  const first = failures.find(({ met }) => !met);
  const [nearest] = candidates;
  if (first === undefined || nearest === undefined) return [];
  const why =
    first.worst === undefined
      ? `leaves ${someOf(first.violated)} without a device`
      : `violates the SLO of ${someOf(first.violated)}`;
  return [`On ${machinesText(nearest.machines)}, the failure of ${first.lost} ${why}.`];
}

function shortfallSentence(shortfall: PlanReport['shortfalls'][number]): string {
  const { tenant, percentile, limitMs, latencyMs, margin, where, memory, mayBeMet } = shortfall;
  if (memory !== undefined) {
    const { neededMb, largestMb } = memory;
    return `${tenant} cannot be served: its model needs ${formatCount(neededMb)} MiB, and the largest device has ${formatCount(largestMb)}.`;
  }
  if (percentile === undefined || limitMs === undefined) {
    const what = mayBeMet === true ? 'is not' : 'cannot be';
    return `${tenant} ${what} kept up with, though it has no SLO: on ${where}, ${formatPercent(-margin)} % of its requests are unanswered at the end.`;
  }
  const missed = `${formatPercent(percentile / 100 + margin)} % of its requests are within ${formatSetting(limitMs)} ms instead of ${formatSetting(percentile)} %`;
  const latency = Number.isFinite(latencyMs)
    ? `, p${formatSetting(percentile)} is ${formatNumber(latencyMs)} ms (${formatNumber(latencyMs - limitMs)} ms too late)`
    : '';
  const what = mayBeMet === true ? 'is not met' : 'cannot be met';
  return `The SLO of ${tenant} ${what}: on ${where}, ${missed}${latency}.`;
}

function neededSentences({ needed, shortfalls }: PlanReport): string[] {
  const left = shortfalls.length - MOST_SENTENCES;
  const more =
    left > 0 ? [`${formatCount(left)} more ${plural(left, 'SLO is', 'SLOs are')} violated too.`] : [];
  if (needed === undefined) return more;
  return [...more, `Without the limits on machines, ${machinesText(needed)} would do.`];
}

function failureSentences({ failures, failureCount, survive, withHosts }: PlanReport): string[] {
  if (failures.length === 0) return [];
  const met = failures.filter((failure) => failure.met).length;
  const bad = failures.filter((failure) => !failure.met).map(({ lost }) => lost);
  const some = failures.length < failureCount ? `, of ${formatCount(failureCount)} that there can be` : '';
  const violated = bad.length === 0 ? '' : `; SLOs are violated without ${someOf(bad)}`;
  const gpu = withHosts ? 'host or GPU' : 'GPU';
  return [
    `Failure of a ${survive === 'gpu' ? gpu : survive}: every SLO is met in ${formatCount(met)} of ${formatCount(failures.length)} simulated${some}${violated}.`,
  ];
}
