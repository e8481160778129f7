import * as z from 'zod';
import { exactlyOne, onlyBeside } from '../base/document/json-rules.js';
import type { Path } from '../base/path.js';
import { InputError, type Place, type Problem } from '../base/problem.js';
import { PART_LATENCIES } from '../metrics/part-latencies.js';
import { PERCENTILES } from '../metrics/summary.js';
import { readDocument } from '../scenario/spec/read-document.js';
import type { RecoveryRules } from '../scenario/spec/recovery.js';
import { count, filePath, name, seconds, secondsAboveZero, seed } from '../scenario/spec/values.js';

const LATENCIES = PERCENTILES.map((percentile) => `p${percentile}Ms` as const);

/** Of a request, or of what `of` says. */
const LATENCY_METRICS = ['meanMs', ...LATENCIES] as const;

/** Figures of a tenant; without `tenant` every tenant must keep to the bound. */
export const TENANT_METRICS = [
  ...LATENCY_METRICS,
  'attainment',
  'throughputPerS',
  'inferencesPerS',
  'goodputPerS',
] as const;

/** Figures of money: of a tenant where one is named, else of the whole. */
export const COST_METRICS = ['usdPerHour', 'usdPerMillionInferences', 'penaltyUsdPerHour'] as const;

/** Figures of a device (`server/device`) or of a server's host; without a name all of them must keep to the bound. */
export const RESOURCE_METRICS = ['busyShare', 'memoryHeadroomMb', 'hostBusyShare'] as const;

/** Figures of a model (`server/model`): how many of its requests the response cache answers, and how many find it loaded. */
export const MODEL_METRICS = ['hitShare', 'foundLoadedShare'] as const;

/** Figures that are shares: nothing is above 1, so that a percentage as a bound would be met by anything, or by nothing. */
const SHARES: readonly MetricName[] = ['attainment', 'busyShare', 'hostBusyShare', ...MODEL_METRICS];

export const METRICS = [...TENANT_METRICS, ...COST_METRICS, ...RESOURCE_METRICS, ...MODEL_METRICS] as const;
export type MetricName = (typeof METRICS)[number];

/** What becomes of an expectation whose interval holds its bound: it may be met, or not. */
const UNSURE_POLICIES = ['value', 'pass', 'fail'] as const;
export type UnsurePolicy = (typeof UNSURE_POLICIES)[number];

const expectationSchema = z
  .strictObject({
    metric: z
      .enum(METRICS)
      .exactOptional()
      .describe('A figure with a bound: atMost, atLeast or both. Shares are 0 to 1.'),
    of: z
      .enum(PART_LATENCIES)
      .exactOptional()
      .describe(
        'Which latency: to the first response or between responses of a stream, to the first or the last answer of a sequence. Default: that of a request.',
      ),
    slo: z
      .literal('met', 'is no promise; write met')
      .exactOptional()
      .describe('The SLO of the scenario is met.'),
    stability: z
      .enum(['stable', 'backlogged'])
      .exactOptional()
      .describe('The worst verdict that is allowed.'),
    tenant: name.exactOptional().describe('Whose figure. Default: every tenant; of money, all together.'),
    device: name.exactOptional().describe('As server/device. Default: every device.'),
    server: name.exactOptional().describe('Whose host. Default: every server.'),
    model: name.exactOptional().describe('As server/model. Default: every model that has the figure.'),
    atMost: z.number().exactOptional().describe('In the unit of the figure.'),
    atLeast: z.number().exactOptional().describe('In the unit of the figure.'),
  })
  .superRefine((expectation, context) => {
    const add = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
    const kinds = (['metric', 'slo', 'stability'] as const).filter((kind) => expectation[kind] !== undefined);
    if (kinds.length === 0) add([], 'expects nothing; write one of metric, slo or stability');
    for (const extra of kinds.slice(1)) add([extra], `is given beside ${kinds[0]}; keep one of them`);
    const bounds = (['atMost', 'atLeast'] as const).filter((bound) => expectation[bound] !== undefined);
    if (expectation.metric === undefined) {
      for (const bound of bounds) add([bound], 'is a bound of a metric; write metric or remove it');
    } else if (bounds.length === 0) add([], 'has no bound; write atMost or atLeast');
    for (const key of misplaced(expectation.metric)) {
      if (expectation[key] !== undefined) add([key], 'has no meaning for this figure; remove it');
    }
    for (const bound of bounds) {
      const value = expectation[bound]!;
      if (!isOneOf(SHARES, expectation.metric) || (value >= 0 && value <= 1)) continue;
      const remedy = value > 0 && value <= 100 ? `write ${value / 100} for ${value} %` : 'write 0 to 1';
      add([bound], `is no share, and nothing could change the outcome; ${remedy}`);
    }
    const { atLeast, atMost } = expectation;
    if (atLeast !== undefined && atMost !== undefined && atLeast > atMost) {
      add(['atLeast'], 'is above atMost; nothing can keep to both');
    }
  })
  .meta({
    ...exactlyOne('metric', 'slo', 'stability'),
    ...onlyBeside('metric', 'atMost', 'atLeast', 'of', 'device', 'server', 'model'),
  });

/** Which names say nothing about that figure, or about an SLO or a verdict. */
function misplaced(metric: MetricName | undefined) {
  const all = ['of', 'tenant', 'device', 'server', 'model'] as const;
  const meant: readonly string[] = namesFor(metric);
  return all.filter((key) => !meant.includes(key));
}

function namesFor(metric: MetricName | undefined) {
  if (metric === 'hostBusyShare') return ['server'];
  if (isOneOf(RESOURCE_METRICS, metric)) return ['device'];
  if (isOneOf(MODEL_METRICS, metric)) return ['model'];
  return isOneOf(LATENCY_METRICS, metric) ? ['tenant', 'of'] : ['tenant'];
}

/** Whether a figure is one of those. */
export function isOneOf(list: readonly string[], metric: string | undefined): boolean {
  return metric !== undefined && list.includes(metric);
}

const runs = count(1000);

const caseSchema = z.strictObject({
  scenario: filePath.describe('Relative to this file.'),
  name: name.exactOptional().describe('Default: the name of the scenario.'),
  runs: runs.exactOptional().describe('Replications. Default: those of the file.'),
  seed: seed.exactOptional().describe('Instead of the one in the scenario.'),
  durationS: secondsAboveZero.exactOptional().describe('Instead of the length in the scenario.'),
  warmUpS: seconds.exactOptional().describe('Instead of the one in the scenario.'),
  expect: z
    .array(expectationSchema)
    .min(1, 'is empty; write at least one expectation')
    .describe('What must hold of its simulation.'),
});

/** A file of expectations as it is written. */
export const expectationsSchema = z.strictObject({
  'perseus-expectations': z
    .literal(1, 'is no version of this format; write 1')
    .describe('Version of this format.'),
  runs: runs.default(5).describe('Replications of each scenario.'),
  unsure: z
    .enum(UNSURE_POLICIES)
    .default('value')
    .describe('Where the interval holds the bound: judge by the value, pass or fail.'),
  cases: z
    .array(caseSchema)
    .min(1, 'is empty; write at least one case')
    .describe('Scenarios, each with what is expected of it.'),
});

export type Expectations = z.output<typeof expectationsSchema>;
export type ExpectationCase = z.output<typeof caseSchema>;
export type Expectation = z.output<typeof expectationSchema>;

/** Expectations with the places of their parts in the file. */
export interface ExpectationsDocument {
  /** Where there are problems: what is left without the parts that cause them. */
  readonly value: Expectations;
  readonly problems: readonly Problem[];
  readonly positionOf: (path: Path) => Place;
}

/** Cases and what is expected in them can be checked one without the other. */
const RULES: RecoveryRules = {
  mayLose: ([list, , expect, ...rest]) =>
    list === 'cases' && (expect === undefined || (expect === 'expect' && rest.length === 0)),
  // So that the scenario of a case is still looked at in which nothing is expected rightly.
  standIn: ([list, , field, ...rest]) =>
    list === 'cases' && field === 'expect' && rest.length === 0 ? [{ stability: 'backlogged' }] : undefined,
};

/**
 * Reads the text of a file of expectations.
 * @throws InputError with everything that is wrong, where nothing is left to be checked further
 */
export function parseExpectations(
  text: string,
  options: { readonly file?: string } = {},
): ExpectationsDocument {
  const { spec, problems, positionOf } = readDocument(expectationsSchema, RULES, text, {
    ...options,
    kind: 'expectations',
  });
  if (spec === undefined) throw new InputError(problems);
  return { value: spec, problems, positionOf };
}
