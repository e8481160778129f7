/** A name, of a model say, as the name of a file: usual ones stay as they are, and no two become one. */
export function fileNameOf(name: string): string {
  return encodeURIComponent(name);
}
