/** A text of others as it can be shown: cut where it has more than `most` characters, with how many it had. */
export function shortened(text: string, most = 60): string {
  return text.length <= most ? text : `${text.slice(0, most)}… (${text.length} characters)`;
}
