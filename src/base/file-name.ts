/** A name, of a model say, as the name of a file: usual ones stay as they are, and no two become one. */
export function fileNameOf(name: string): string {
  return encodeURIComponent(name);
}

/** Whether a name can be that of a folder as it is, on any system, and stays in the folder above it. */
export function isFolderName(name: string): boolean {
  return !/[/\\]/.test(name) && name !== '.' && name !== '..' && name.trim() === name;
}
