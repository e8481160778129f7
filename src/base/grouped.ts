/** A number with commas between its thousands, as in tables. */
export function grouped(value: number): string {
  return value.toLocaleString('en-US', { maximumSignificantDigits: 15 });
}
