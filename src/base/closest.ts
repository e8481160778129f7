/**
 * The candidate nearest to `word`, by edits and swaps of neighbours (optimal string alignment, without
 * regard to case), or undefined when none is near enough to be what was meant: more than a third of
 * the letters differ.
 */
export function closest(word: string, candidates: readonly string[]): string | undefined {
  if (word.length > LONGEST_WORD) return undefined;
  const limit = Math.max(1, Math.floor(word.length / 3));
  let best: string | undefined;
  let bestDistance = limit + 0.5;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) >= bestDistance) continue;
    const [a, b] = [word.toLowerCase(), candidate.toLowerCase()];
    // Of two that are as near, the one that begins as the word does.
    const distance = editDistance(a, b) + (a[0] === b[0] ? 0 : 0.25);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Nobody mistypes a longer word; comparing it would only cost time. */
const LONGEST_WORD = 80;

function editDistance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = rows[i - 1]![j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(replace, rows[i - 1]![j]! + 1, row[j - 1]! + 1));
      const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) row[j] = Math.min(row[j]!, rows[i - 2]![j - 2]! + 1);
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
}
