/**
 * Triton's monthly release for its own version number, or undefined where not known.
 *
 * Since 22.01 (2.18.0) each month's release raised the minor number by one, except 25.07, which was 2.59.1
 * (titles of the releases of triton-inference-server/server). Older servers are not told apart.
 */
export function releaseOf(version: string): string | undefined {
  const [, minorText, patch] = /^2\.(\d{1,3})\.(\d{1,3})/.exec(version) ?? [];
  if (minorText === undefined) return undefined;
  const minor = Number(minorText);
  if (minor < FIRST.minor) return undefined;
  if (minor === 59 && patch !== '0') return '25.07';
  // From 2.60.0 (25.08) on, one month more has passed than the minor number says.
  return afterMonths(minor - FIRST.minor + (minor >= 60 ? 1 : 0));
}

const FIRST = { minor: 18, year: 22, month: 1 };

function afterMonths(months: number): string {
  const index = FIRST.month - 1 + months;
  const year = FIRST.year + Math.floor(index / 12);
  return `${year}.${String((index % 12) + 1).padStart(2, '0')}`;
}
