import { formatNumber, formatSigned } from '../../report/format.js';
import { type ColumnOf, tableOf } from '../../report/tables/table.js';
import type { TextPart } from '../../report/text/answer-text.js';
import type { ConfirmationValues, ConfirmedTenant, ConfirmedValues } from './confirm-values.js';
import { surenessSentence } from './sureness-text.js';

/** Predicted beside measured, for a terminal: who measured best first, then every candidate and tenant. */
export function confirmationParts(values: ConfirmationValues, unit: string): readonly TextPart[] {
  return [{ sentences: verdict(values, unit), indent: '  ' }, confirmationTable(values)];
}

function verdict({ interrupted, ...values }: ConfirmationValues, unit: string): string[] {
  const stopped = interrupted === true ? ['Interrupted before all was measured that was asked for.'] : [];
  return [...stopped, ...comparison(values, unit)];
}

function comparison({ candidates, best, ...values }: ConfirmationValues, unit: string): string[] {
  const rounds = candidates.reduce((least, { measured }) => Math.min(least, measured?.runs ?? 0), Infinity);
  if (best === undefined) return ['Broken off before every candidate was measured on the live server.'];
  const { againstBestOther, againstCurrent } = values;
  const runs = rounds === 1 ? 'once each' : `${rounds} times each, in turns`;
  return [
    best === '1'
      ? `Measured live, ${runs}: the predicted winner is the best of ${candidates.length}.`
      : `Measured live, ${runs}: ${nameOf(best)} is the best of ${candidates.length}, not the predicted winner.`,
    ...(againstBestOther && againstBestOther.other !== 'now'
      ? [surenessSentence(nameOf(againstBestOther.other), againstBestOther, { unit, where: 'measured live' })]
      : []),
    ...(againstCurrent
      ? [surenessSentence('the settings as they are', againstCurrent, { unit, where: 'measured live' })]
      : []),
  ];
}

function nameOf(label: ConfirmedValues['label']): string {
  return label === 'now' ? 'the setting as it is' : `candidate ${label}`;
}

interface Row extends ConfirmedTenant {
  readonly label: string;
}

function confirmationTable({ candidates }: ConfirmationValues) {
  const rows = candidates.flatMap(({ label, tenants }) =>
    tenants.map((tenant, i): Row => ({ ...tenant, label: i === 0 ? label : '' })),
  );
  const columns: ColumnOf<Row>[] = [
    { header: 'candidate', align: 'left', cell: ({ label }) => label },
    { header: 'tenant', align: 'left', cell: ({ tenant }) => tenant },
    { header: 'inferences/s', cell: ({ inferencesPerS }) => formatNumber(inferencesPerS.predicted) },
    { header: 'measured', cell: ({ inferencesPerS }) => formatNumber(inferencesPerS.measured) },
    { header: 'error %', cell: ({ inferencesPerS }) => formatSigned(inferencesPerS.errorPercent) },
    {
      header: 'spread %',
      cell: ({ inferencesPerS }) => formatNumber(inferencesPerS.spreadPercent),
      dropRank: 2,
    },
    { header: 'mean ms', cell: ({ meanMs }) => formatNumber(meanMs.predicted), dropRank: 1 },
    { header: 'measured', cell: ({ meanMs }) => formatNumber(meanMs.measured), dropRank: 1 },
    { header: 'tail ms', cell: ({ tailMs }) => formatNumber(tailMs.predicted) },
    { header: 'measured', cell: ({ tailMs }) => formatNumber(tailMs.measured) },
    { header: 'error %', cell: ({ tailMs }) => formatSigned(tailMs.errorPercent) },
    { header: 'spread %', cell: ({ tailMs }) => formatNumber(tailMs.spreadPercent), dropRank: 2 },
  ];
  return tableOf('Predicted and measured', rows, columns, [
    'Candidates by their number among the finalists; now: the settings as they are, same load.',
    'Error: predicted less measured. Spread: largest less smallest of the measured runs.',
  ]);
}
