const STAMP =
  /^\s*(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?\s*(?:(Z)|([+-])(\d\d):?(\d\d))?\s*$/;

const LOG_STAMP = /^\s*(\d\d)\/([A-Z][a-z]{2})\/(\d{4}):(.*)$/;

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** `16/Nov/2023:18:17:03 +0100`, as web servers write it, with the year first; others as they are. */
function isoOf(stamp: string): string {
  const [, day, month = '', year, time] = LOG_STAMP.exec(stamp) ?? [];
  if (day === undefined) return stamp;
  return `${year}-${String(MONTHS.indexOf(month) + 1).padStart(2, '0')}-${day} ${time}`;
}

/**
 * Microseconds since 1970 of a stamp like `2023-11-16 18:17:03.9799600`,
 * `2024-05-10T00:00:00.009930+00:00` or `16/Nov/2023:18:17:03 +0100`, rounded; NaN for anything else, days that no calendar has and
 * offsets that no clock has among it. Without an offset it is
 * taken for UTC. Exact to the microsecond, where `Date` would keep milliseconds only.
 */
export function parseStampUs(text: string): number {
  const parts = STAMP.exec(text) ?? STAMP.exec(isoOf(text));
  if (parts === null) return Number.NaN;
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map(Number) as Six;
  if (!isDay(year, month, day) || hour > 23 || minute > 59 || second > 60) return Number.NaN;
  const wholeMs = Date.UTC(year, month - 1, day, hour, minute, second) - offsetMs(parts);
  return wholeMs * 1000 + Math.round(Number(`0.${parts[7] ?? '0'}`) * 1e6);
}

type Six = [number, number, number, number, number, number];

const DAY_MS = 86_400_000;

/** Whether the month has that day: `Date.UTC` alone takes 31 April for 1 May. */
function isDay(year: number, month: number, day: number): boolean {
  const days = (Date.UTC(year, month, 1) - Date.UTC(year, month - 1, 1)) / DAY_MS;
  return month >= 1 && month <= 12 && day >= 1 && day <= days;
}

/** Farthest that any clock on Earth is from UTC. */
const MOST_OFFSET_MINUTES = 14 * 60;

/** NaN for an offset that no clock has. */
function offsetMs(parts: RegExpExecArray): number {
  if (parts[9] === undefined) return 0;
  const minutes = Number(parts[10]) * 60 + Number(parts[11]);
  if (Number(parts[11]) > 59 || minutes > MOST_OFFSET_MINUTES) return Number.NaN;
  return (parts[9] === '-' ? -minutes : minutes) * 60_000;
}
