import { isAbsolute, join } from 'node:path';

/** What stands before the name of profiles that perseus ships: `shipped:t4`. */
export const SHIPPED = 'shipped:';

export function isShipped(path: string): boolean {
  return path.startsWith(SHIPPED);
}

/** Whether a path means the same in whatever folder the file lies that names it. */
export function meansTheSameEverywhere(path: string): boolean {
  return isAbsolute(path) || isShipped(path);
}

/** A path that a file in `folder` names, as it is opened from here. */
export function placeOfNamed(path: string, folder: string): string {
  return meansTheSameEverywhere(path) ? path : join(folder, path);
}
