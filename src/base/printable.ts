/**
 * Characters that would move the cursor, reorder or hide text (controls, line separators, bidirectional
 * overrides, zero-width, lone surrogates): a name may not rearrange a report.
 */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/gu;

/** The text on one line, with every unprintable character shown as `�`. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, '\ufffd');
}
