/** The noun as it stands after a count: `1 point`, `2 points`. */
export function plural(count: number, noun: string, many = `${noun}s`): string {
  return count === 1 ? noun : many;
}
