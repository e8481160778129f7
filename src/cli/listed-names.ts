/** Names with commas between them, as they are, empty ones too; a comma in a name is written `\,`. */
export function namesBetweenCommas(text: string): string[] {
  return text.split(/(?<!\\),/).map((name) => name.trim().replaceAll('\\,', ','));
}
