import { createHash } from 'node:crypto';
import { extname } from 'node:path';
import { writeFileAtomically } from './atomic-write.js';
import { readTextIfPresent } from './read-text.js';

const MARK = /^# Content ([0-9a-f]{16}): .*\n/;

/**
 * Writes a text with `#` comments that people are invited to change. Its first line tells our own text from one that was changed:
 * that is left alone, and the new text goes beside it, into `name.new.ext`. Gives the file that was written.
 */
export async function writeOwnText(file: string, text: string): Promise<string> {
  const before = await readTextIfPresent(file);
  const target = before === undefined || isOwn(before) ? file : besides(file);
  const mark = `# Content ${hashOf(text)}: made again as long as nobody changes it.\n`;
  await writeFileAtomically(target, `${mark}${text}`);
  return target;
}

function isOwn(text: string): boolean {
  const mark = MARK.exec(text);
  return mark !== null && mark[1] === hashOf(text.slice(mark[0].length));
}

function besides(file: string): string {
  const extension = extname(file);
  return `${file.slice(0, file.length - extension.length)}.new${extension}`;
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
