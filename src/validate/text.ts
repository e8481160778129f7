import { canonicalJson } from '../base/canonical-json.js';
import { plural } from '../base/plural.js';
import { formatCount, formatPercent } from '../report/format.js';
import { type AnswerTextOptions, answerToText } from '../report/text/answer-text.js';
import { lostTimeSentences } from './lost-time.js';
import { coverageOf, type ValidationReport, validationPoints } from './report.js';
import { batchTable, componentTable, distanceTable, tenantTable } from './tables.js';

/** The report for a terminal: the verdict and the figures of tenants, then where they come from. */
export function validationToText(report: ValidationReport, options: AnswerTextOptions = {}): string {
  const [figures, ...details] = [tenantTable, componentTable, distanceTable, batchTable].map((tableFor) =>
    tableFor(report),
  );
  return answerToText(
    {
      heading: verdictSentence(report),
      answer: [coverageSentence(report), ...lostTimeSentences(report)],
      table: figures!,
      details,
      next: [
        ...(report.passed
          ? []
          : [
              `perseus calibrate on that machine measures its models again; perseus plan takes a margin (marginPercent).`,
            ]),
        '-v shows each step of a request, how far the distributions are apart, and batch sizes.',
      ],
    },
    options,
  );
}

/** Points of every compared figure, with what else was compared beside them. Figures not known are null. */
export function validationToJson(report: ValidationReport): string {
  const { scenario, liveRuns, simulatedRuns, passed, covered, distances, batches, figures } = report;
  const verdicts = figures.map(({ subject, metric, error, spread, tolerance, verdict }) => ({
    tenant: subject,
    metric: metric.name,
    error,
    errorUnit: metric.errorUnit,
    spread,
    ...(tolerance !== undefined && { tolerance }),
    verdict,
  }));
  const points = validationPoints(report);
  return canonicalJson(
    {
      format: 'perseus-validation/1',
      ...(report.interrupted === true && { interrupted: true }),
      scenario,
      liveRuns,
      simulatedRuns,
      passed,
      covered,
      points,
      verdicts,
      distances,
      batches,
    },
    ['format', 'scenario', 'passed', 'points', 'tenant', 'metric'],
  );
}

/** Whether it passed, and what did not. */
export function verdictSentence({ interrupted, liveRuns, ...report }: ValidationReport): string {
  if (interrupted !== true) return judgedSentence(report);
  return `Interrupted after ${liveRuns} whole live ${plural(liveRuns, 'run')}; by these, ${judgedSentence(report)}`;
}

function judgedSentence({
  scenario,
  figures,
  batches,
  passed,
}: Pick<ValidationReport, 'scenario' | 'figures' | 'batches' | 'passed'>): string {
  const judged = [...figures, ...batches].filter(({ verdict }) => verdict !== 'not judged');
  const outside = [
    ...figures
      .filter(({ verdict }) => verdict === 'outside')
      .map(({ subject, metric }) => `${metric.label} of ${subject}`),
    ...batches.filter(({ verdict }) => verdict === 'outside').map(({ model }) => `batch sizes of ${model}`),
  ];
  if (passed) return `${scenario}: all ${formatCount(judged.length)} judged figures are within tolerance.`;
  return `${scenario}: ${formatCount(outside.length)} of ${formatCount(judged.length)} judged figures are out of tolerance: ${outside.join(', ')}.`;
}

/** How many measured figures lie where they were predicted to. */
export function coverageSentence({ figures }: ValidationReport): string {
  const { known, inside } = coverageOf(figures);
  if (known === 0) return 'No interval can be told from so few runs.';
  const share = formatPercent(inside / known);
  return `${inside} of ${known} measured figures (${share} %) lie in their predicted 95 % interval.`;
}
