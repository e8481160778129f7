import { strFromU8, unzlibSync } from 'fflate';

/** A text that the page holds packed, in the element of that selector; undefined where there is none. */
export function packedText(selector: string): string | undefined {
  const base64 = document.querySelector(selector)?.textContent?.trim();
  if (!base64) return undefined;
  return strFromU8(unzlibSync(Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))));
}
