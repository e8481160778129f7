/** A seed that is a number stays one, so that `--seed 1` and `seed: 1` in a file are the same. */
export function seedOf(text: string): number | string {
  const number = Number(text);
  return text.trim() !== '' && Number.isSafeInteger(number) ? number : text;
}
