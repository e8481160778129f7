import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '../../base/problem.js';
import { someOf } from '../../base/some-of.js';
import { type FolderRecord, isUnchanged, RECORD, readRecord } from './folder-record.js';
import { filesBelow } from './walk-folder.js';

/**
 * Makes sure that a folder holds nothing but what a command, such as `simulate`, wrote there; it need not be there.
 * @throws InputError that names what is not the command's
 */
export async function requireOwnContent(path: string, command: string): Promise<void> {
  const facts = await stat(path).catch(() => undefined);
  if (facts === undefined) return;
  if (!facts.isDirectory()) throw refusal(`${path} is a file`);
  const record = await readRecord(path);
  if (record !== undefined) requireWrittenBy(command, record, path);
  const owned = record === undefined ? NOTHING : filesOfRecord(path, record);
  const { strangers, changed } = await foreignIn(path, owned);
  refuseStrangers(path, command, strangers);
  if (changed.length > 0)
    throw refusal(`${path} holds ${someOf(changed)}, which perseus ${command} did not leave like this`);
}

/** @throws InputError where a folder says that another command wrote it */
export function requireWrittenBy(command: string, record: FolderRecord, path: string): void {
  if (record.command !== command) throw refusal(`${path} holds what perseus ${record.command} wrote`);
}

/** @throws InputError that names what others have put into a folder, if anything */
export function refuseStrangers(path: string, command: string, strangers: readonly string[]): void {
  if (strangers.length === 0) return;
  throw refusal(`${path} holds ${someOf(strangers)}, which perseus ${command} did not write`);
}

interface Foreign {
  /** What the command has not written. */
  readonly strangers: readonly string[];
  /** What it has written, and somebody has changed since. */
  readonly changed: readonly string[];
}

/** Looks at all that lies in a folder: in one that is not known, everything is foreign. */
async function foreignIn(folder: string, owned: OwnedFiles): Promise<Foreign> {
  const strangers: string[] = [];
  const changed: string[] = [];
  const { files } = await filesBelow(folder, owned.enters);
  for (const name of files) {
    const state = await owned.stateOf(name);
    if (state === 'stranger') strangers.push(name);
    else if (state === 'changed') changed.push(name);
  }
  return { strangers, changed };
}

interface OwnedFiles {
  /** Whether a folder in it may hold something of ours. */
  readonly enters: (folder: string) => boolean;
  readonly stateOf: (name: string) => Promise<'ours' | 'changed' | 'stranger'>;
}

/** Of a folder without a record. */
const NOTHING: OwnedFiles = { enters: () => false, stateOf: async () => 'stranger' };

function filesOfRecord(folder: string, { files = {} }: FolderRecord): OwnedFiles {
  const folders = new Set(Object.keys(files).flatMap(foldersAbove));
  return {
    enters: (below) => folders.has(below),
    stateOf: async (name) => {
      if (name === RECORD) return 'ours';
      const was = Object.hasOwn(files, name) ? files[name] : undefined;
      if (was === undefined) return 'stranger';
      return (await isUnchanged(join(folder, name), was)) ? 'ours' : 'changed';
    },
  };
}

/** `a` and `a/b` for `a/b/c`. */
function foldersAbove(name: string): string[] {
  const parts = name.split('/');
  return parts.slice(1).map((_, i) => parts.slice(0, i + 1).join('/'));
}

function refusal(what: string): InputError {
  return InputError.of(what, 'name another folder, or move away what is there');
}
