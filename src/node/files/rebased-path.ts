import { relative, resolve, sep } from 'node:path';
import { meansTheSameEverywhere } from './named-path.js';

/** A path that is written in a file of the folder `from`, as a file in the folder `to` must write it; absolute and shipped ones stay. */
export function rebasedPath(path: string, from: string, to: string): string {
  if (meansTheSameEverywhere(path)) return path;
  const moved = relative(resolve(to), resolve(from, path));
  return moved === '' ? '.' : moved.split(sep).join('/');
}
