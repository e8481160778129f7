import type { Warning } from '../../base/warning.js';
import type { PlanCandidate } from '../../plan/candidates.js';

/**
 * Each once; of what says the same of every day with other figures the first. Most answers have batches between measured ones,
 * and a fleet has more of them than a reader looks at.
 */
export function warningsOf({ days }: PlanCandidate): Warning[] {
  const found = new Map<string, Warning>();
  const told = new Set<string>();
  for (const { summary } of days) {
    const isNew = (one: Warning) =>
      !OF_EVERY_DAY.includes(one.code) || !told.has(`${one.code} ${one.subject}`);
    const fresh = summary.warnings.filter(isNew);
    for (const one of fresh) found.set(`${one.code} ${one.message}`, one);
    for (const { code, subject } of fresh) told.add(`${code} ${subject}`);
  }
  const distinct = [...found.values()];
  const isMinor = ({ code }: Warning) => code === 'interpolated-batch-size';
  return [...distinct.filter((one) => !isMinor(one)), ...distinct.filter(isMinor)];
}

const OF_EVERY_DAY: readonly Warning['code'][] = ['short-run', 'interpolated-batch-size'];
