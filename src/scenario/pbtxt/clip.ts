/** Letters of the input that a message repeats. */
const LONGEST_QUOTE = 60;

/** The text as a message can repeat it: cut where it is long. */
export function clip(text: string): string {
  return text.length <= LONGEST_QUOTE ? text : `${text.slice(0, LONGEST_QUOTE)}…`;
}
