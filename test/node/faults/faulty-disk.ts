import { lstatSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Random } from '../../../src/base/random.js';
import type * as fileSteps from '../../../src/node/output/file-steps.js';

/**
 * `killed`: the process ends before or within the step, and does nothing more. `full`: from this step on the disk takes nothing
 * more. `failed`: this step alone fails.
 */
export type FaultKind = 'killed' | 'full' | 'failed';

export interface Fault {
  readonly kind: FaultKind;
  /** Which step, from 0. */
  readonly at: number;
  /** Decides how much of the step is done. */
  readonly random: Random;
}

/** What a process does that was killed: it only throws, so that the code under test does no more. */
export class Killed extends Error {}

let fault: Fault | undefined;
let steps = 0;
let isDead = false;
let isFull = false;

/** Runs something while the fault waits for its step. */
export async function withFault<T>(next: Fault | undefined, work: () => Promise<T>): Promise<Attempt<T>> {
  [fault, steps, isDead, isFull] = [next, 0, false, false];
  try {
    const value = await work();
    return { value, steps, isKilled: isDead };
  } catch (error) {
    return { error, steps, isKilled: isDead };
  } finally {
    [fault, isDead, isFull] = [undefined, false, false];
  }
}

export interface Attempt<T> {
  readonly value?: T;
  readonly error?: unknown;
  readonly steps: number;
  readonly isKilled: boolean;
}

function errorOf(code: 'EIO' | 'ENOSPC'): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: injected`), { code, syscall: 'write' });
}

/** Counts a step, and throws where it is the one that fails; `partly` does a part of it then. */
function pass(grows: boolean, partly: () => void = () => {}): void {
  if (isDead) throw new Killed();
  const hit = fault?.at === steps++ ? fault : undefined;
  if (hit?.kind === 'full') isFull = true;
  if (isFull && grows) {
    if (hit) partly();
    throw errorOf('ENOSPC');
  }
  if (hit === undefined || hit.kind === 'full') return;
  if (hit.random.next() < 0.5) partly();
  isDead = hit.kind === 'killed';
  throw isDead ? new Killed() : errorOf('EIO');
}

/** The steps of the program with faults in them. Nothing is synced: power losses are not what these tests make. */
export function faultySteps(real: typeof fileSteps): typeof fileSteps {
  return {
    openNew: async (path) => {
      pass(true);
      return real.openNew(path);
    },
    openStream: real.openStream,
    endMaking: real.endMaking,
    openToRead: async (path) => {
      pass(false);
      return real.openToRead(path);
    },
    writeSome: async (handle, bytes) => {
      // Every second write is a short one, the same ones in each run: steps keep their numbers.
      const some = bytes.length % 2 === 0 ? bytes.subarray(0, bytes.length / 2) : bytes;
      let written: Promise<number> | undefined;
      try {
        pass(true, () => {
          written = real.writeSome(handle, bytes.subarray(0, bytes.length / 3));
        });
      } finally {
        await written;
      }
      return real.writeSome(handle, some);
    },
    sync: async () => pass(false),
    close: async (handle) => {
      await real.close(handle);
      pass(false);
    },
    rename: async (from, to) => {
      pass(false);
      await real.rename(from, to);
    },
    renameNow: (from, to) => {
      pass(false);
      real.renameNow(from, to);
    },
    makeOneFolder: async (path) => {
      pass(true);
      await real.makeOneFolder(path);
    },
    copy: async (from, to) => {
      pass(true);
      await real.copy(from, to);
    },
    link: async (to, path) => {
      pass(true);
      await real.link(to, path);
    },
    remove: async (path) => {
      pass(false, () => removePart(path));
      await real.remove(path);
    },
    removeNow: real.removeNow,
  };
}

/** As a removal that is killed leaves a folder: some of it is gone. */
function removePart(path: string): void {
  const facts = lstatSync(path, { throwIfNoEntry: false });
  if (!facts?.isDirectory()) return;
  const names = readdirSync(path);
  for (const name of names.slice(0, names.length / 2)) rmSync(join(path, name), { recursive: true });
}
