import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { shellWord } from '../../base/shell-word.js';
import { CONFIG_FILE } from '../../scenario/repository/model-folder.js';
import { isFile, isFolder } from '../files/exists.js';
import { readRecord } from '../output/folder-record.js';

/** Something in a folder that perseus can go on from. */
export interface NextStep {
  readonly name: string;
  /** What it is, such as `a scenario`. */
  readonly what: string;
  readonly command: string;
}

/** Entries of a folder that are looked at: it may be a home folder. */
const MOST_ENTRIES = 200;
/** So much of a file says what it is. */
const HEAD_BYTES = 4096;

/** What lies in a folder and the next command for it: the first of each kind, what leads furthest first. */
export async function nextSteps(folder: string): Promise<NextStep[]> {
  const names = (await readdir(folder).catch(() => [])).sort().slice(0, MOST_ENTRIES);
  const found = await Promise.all(['.', ...names].map((name) => stepFor(folder, name)));
  return KINDS.flatMap((what) => found.find((step) => step?.what === what) ?? []);
}

async function stepFor(folder: string, name: string): Promise<NextStep | undefined> {
  const path = join(folder, name);
  const [what, command] = ((await isFolder(path)) ? await folderKind(path) : await fileKind(path)) ?? [];
  if (what === undefined || command === undefined) return undefined;
  return { name: name === '.' ? 'this folder' : name, what, command: `${command} ${shellWord(name)}` };
}

/** What a thing is, and the command that its name is written behind. */
type Kind = readonly [what: (typeof KINDS)[number], command: string];

/** In the order in which they are told. */
const KINDS = [
  'a scenario',
  'a model repository',
  'a sweep',
  'a plan',
  'a file of expectations',
  'results of a run',
  'a trace',
  'a table of requests',
  'an access log',
] as const;

async function folderKind(path: string): Promise<Kind | undefined> {
  if ((await readRecord(path))?.command === 'simulate')
    return ['results of a run', 'perseus diff OTHER_RESULTS'];
  const names = (await readdir(path).catch(() => [])).slice(0, MOST_ENTRIES);
  const models = await Promise.all(names.map((name) => isFile(join(path, name, CONFIG_FILE))));
  return models.includes(true) ? ['a model repository', 'perseus init --repository'] : undefined;
}

async function fileKind(path: string): Promise<Kind | undefined> {
  if (/\.(ya?ml|json)$/.test(path)) return documentKind(await headOf(path));
  if (/\.(arrow|parquet)$/.test(path)) return ['a trace', 'perseus trace describe'];
  if (/\.log$/.test(path)) return logKind(await headOf(path));
  if (!/\.(csv|jsonl)$/.test(path)) return undefined;
  return (await headOf(path)).includes('arrival_us')
    ? ['a trace', 'perseus trace describe']
    : ['a table of requests', 'perseus trace import --from table --time-column COLUMN --out trace.arrow'];
}

/** By the stamps that nginx writes, and those of Envoy and of AWS's load balancers. */
function logKind(head: string): Kind | undefined {
  const from = /\[\d\d\/[A-Z][a-z]{2}\/\d{4}:/.test(head)
    ? 'nginx'
    : /^\[\d{4}-\d\d-\d\dT/.test(head)
      ? 'envoy'
      : /^[a-z0-9]+ \d{4}-\d\d-\d\dT\S+Z app\//.test(head) && 'alb';
  return from ? ['an access log', `perseus trace import --from ${from} --out trace.arrow`] : undefined;
}

function documentKind(head: string): Kind | undefined {
  // The version of their form stands in all of them.
  const begins = (key: string) => new RegExp(`^["\\s{]*${key}"?\\s*:\\s*1\\b`, 'm').test(head);
  if (begins('plan')) return ['a plan', 'perseus plan'];
  if (begins('perseus-expectations')) return ['a file of expectations', 'perseus check'];
  if (!begins('perseus')) return undefined;
  return /^["\s]*axes"?\s*:/m.test(head)
    ? ['a sweep', 'perseus sweep']
    : ['a scenario', 'perseus simulate --headroom'];
}

async function headOf(path: string): Promise<string> {
  if (!(await isFile(path))) return '';
  try {
    const pieces: Buffer[] = [];
    for await (const piece of createReadStream(path, { end: HEAD_BYTES - 1 })) pieces.push(piece as Buffer);
    return Buffer.concat(pieces).toString('utf8');
  } catch {
    return '';
  }
}
