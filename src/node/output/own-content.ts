import { lstat, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '../../base/problem.js';
import { exists } from '../files/exists.js';
import { type FolderRecord, isUnchanged, RECORD, readRecord } from './folder-record.js';
import { filesBelow } from './walk-folder.js';

/** A kind of folders of results. */
export interface ResultKind {
  /** The command that writes them, such as `simulate`. */
  readonly command: string;
  /** How one is known that was written before folders had a record. */
  readonly older: OlderFolder;
}

/** Names are paths below the folder, with forward slashes. */
export interface OlderFolder {
  /** The file that only our results have, and how it begins. */
  readonly proof: { readonly file: string; readonly begins: RegExp };
  /** Files that were always there, that one too. */
  readonly always: readonly string[];
  /** Whether the command wrote a file of that name, or a link. */
  readonly wrote: (name: string, isLink: boolean) => boolean;
}

/**
 * Makes sure that a folder holds nothing but what a command wrote there; it need not be there.
 * @throws InputError that names what is not the command's
 */
export async function requireOwnContent(path: string, kind: ResultKind): Promise<void> {
  const facts = await stat(path).catch(() => undefined);
  if (facts === undefined) return;
  if (!facts.isDirectory()) throw refusal(`${path} is a file`);
  const record = await readRecord(path);
  if (record !== undefined) requireWrittenBy(kind.command, record, path);
  const owned = record === undefined ? await olderFiles(path, kind.older) : filesOfRecord(path, record);
  const { strangers, changed } = await foreignIn(path, owned);
  refuseStrangers(path, kind.command, strangers);
  if (changed.length > 0)
    throw refusal(`${path} holds ${listed(changed)}, which perseus ${kind.command} did not leave like this`);
}

/** @throws InputError where a folder says that another command wrote it */
export function requireWrittenBy(command: string, record: FolderRecord, path: string): void {
  if (record.command !== command) throw refusal(`${path} holds what perseus ${record.command} wrote`);
}

/** @throws InputError that names what others have put into a folder, if anything */
export function refuseStrangers(path: string, command: string, strangers: readonly string[]): void {
  if (strangers.length === 0) return;
  throw refusal(`${path} holds ${listed(strangers)}, which perseus ${command} did not write`);
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

async function olderFiles(folder: string, { proof, always, wrote }: OlderFolder): Promise<OwnedFiles> {
  const there = await Promise.all(always.map((name) => exists(join(folder, name))));
  const proves = async () => proof.begins.test(await readFile(join(folder, proof.file), 'utf8'));
  const isKnown = there.every(Boolean) && (await proves());
  return {
    enters: () => isKnown,
    stateOf: async (name) => {
      const isLink = async () => (await lstat(join(folder, name))).isSymbolicLink();
      return isKnown && wrote(name, await isLink()) ? 'ours' : 'stranger';
    },
  };
}

/** So many names are told. */
const MOST_NAMES = 5;

function listed(names: readonly string[]): string {
  const more = names.length - MOST_NAMES;
  return `${names.slice(0, MOST_NAMES).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function refusal(what: string): InputError {
  return InputError.of(what, 'name another folder, or move away what is there');
}
