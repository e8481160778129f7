/** Whether a server is of that release of Triton, or of a later one. One whose release is not known counts as older. */
export function isSince(version: string, release: string): boolean {
  return /^\d/.test(version) && version >= release;
}
