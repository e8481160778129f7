import { cpSync, readdirSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { type Random, RandomStreams } from '../../../src/base/random.js';
import { smallScenario } from '../../cli/small-scenario.js';
import { bytesBelow } from '../sweep/small-sweep.js';
import { CASES, type FaultCase } from './cases.js';
import { type Attempt, type FaultKind, Killed, withFault } from './faulty-disk.js';

vi.mock('../../../src/node/output/file-steps.js', async (original) =>
  (await import('./faulty-disk.js')).faultySteps(await original()),
);

// Pages take most of the time, and are files as others.
vi.mock('../../../src/report/html/page.js', () => ({ reportToHtml: () => PAGE }));
vi.mock('../../../src/report/html/plan-page.js', () => ({ planToHtml: () => PAGE }));
vi.mock('../../../src/report/html/sweep-page.js', () => ({ sweepToHtml: () => PAGE }));
const PAGE = '<!doctype html>';

/** FAULT_SEEDS=2000 npx vitest run test/node/faults is the long form. */
const SEEDS = Number(process.env['FAULT_SEEDS'] ?? 9);
/** In the short form each second of the last steps fails. */
const EVERY = process.env['FAULT_SEEDS'] === undefined ? 2 : 1;
const KINDS: readonly FaultKind[] = ['killed', 'full', 'failed'];
/** Runs that may go wrong, before one that goes well. */
const MOST_FAULTS = 3;
/** More than it takes to put a folder in place: where one is replaced there are some steps more. */
const LAST_STEPS = 12;
const ALWAYS_PARTLY = { next: () => 0.4 } as Random;

const small = smallScenario();

describe.each(CASES)('$name', (prepare) => {
  let writes: FaultCase;
  /** What an undisturbed run leaves, the same of an older one, and how many steps it takes. */
  const clean = { bytes: {}, old: {}, steps: 0 };

  beforeAll(async () => {
    writes = await prepare.prepare(small);
    const attempt = await withFault(undefined, () => writes.run(small.path(`${writes.name}-clean/result`)));
    expect(attempt.error).toBeUndefined();
    clean.steps = attempt.steps;
    clean.bytes = bytesBelow(small.path(`${writes.name}-clean/result`));
    await writes.runOlder?.(small.path(`${writes.name}-old/result`));
    if (writes.runOlder) clean.old = bytesBelow(small.path(`${writes.name}-old/result`));
  });

  it(`is whole, absent or taken up again to the same bytes, with ${SEEDS} seeds of faults`, async () => {
    const seen = new Set<string>();
    for (let seed = 1; seed <= SEEDS; seed++) {
      const random = new RandomStreams(seed).get(`faults ${writes.name}`);
      const out = small.path(`${writes.name}-${seed}/result`);
      if (writes.runOlder && random.next() < 0.5)
        cpSync(small.path(`${writes.name}-old/result`), out, { recursive: true });
      const faults = 1 + Math.floor(random.next() * MOST_FAULTS);
      for (let i = 0; i < faults; i++) seen.add(await disturb(out, random, `seed ${seed}, fault ${i + 1}`));
      if (writes.survivesTearing) tear(out, random);
      const { error } = await withFault(undefined, () => writes.run(out));
      expect(error, `seed ${seed}, run again`).toBeUndefined();
      expect(bytesBelow(out), `seed ${seed}, run again`).toEqual(clean.bytes);
    }
    // Seeds that disturb nothing would show nothing.
    expect([...seen]).toEqual(expect.arrayContaining(['killed', 'ENOSPC', 'EIO']));
  });

  // Seeds seldom come to the few steps in which one result takes the place of another.
  it.runIf(prepare.replaces)(
    'an older result is whole until the new one has its name, whichever of the last steps fails',
    async () => {
      const left = { old: 0, fresh: 0 };
      for (let at = clean.steps - LAST_STEPS; at <= clean.steps; at += EVERY) {
        for (const kind of KINDS) {
          const out = small.path(`${writes.name}-${kind}-${at}/result`);
          cpSync(small.path(`${writes.name}-old/result`), out, { recursive: true });
          const { isKilled } = await withFault({ kind, at, random: ALWAYS_PARTLY }, () => writes.run(out));
          const found = bytesIfPresent(out);
          expect([clean.old, clean.bytes, ...(isKilled ? [{}] : [])], `${kind} at ${at}`).toContainEqual(
            found,
          );
          if (isDeepStrictEqual(found, clean.old)) left.old++;
          else if (isDeepStrictEqual(found, clean.bytes)) left.fresh++;
        }
      }
      expect(Math.min(left.old, left.fresh)).toBeGreaterThan(0);
    },
  );

  /** Runs once with a fault, and looks at what is left. */
  async function disturb(out: string, random: Random, where: string): Promise<string> {
    const kind = KINDS[Math.floor(random.next() * KINDS.length)]!;
    const at = Math.floor(random.next() * clean.steps);
    const before = temporariesIn(join(out, '..'));
    const attempt = await withFault({ kind, at, random }, () => writes.run(out));
    const outcome = outcomeOf(attempt, where);
    const found = bytesIfPresent(out);
    if (writes.isResumed) {
      for (const [name, bytes] of Object.entries(found))
        if (name !== writes.note)
          expect([where, name, bytes]).toEqual([where, name, (clean.bytes as typeof found)[name]]);
    } else expect([{}, clean.old, clean.bytes], `${where}, ${kind} at ${at}`).toContainEqual(found);
    if (!attempt.isKilled) expect(temporariesIn(join(out, '..')), where).toEqual(before);
    return outcome;
  }
});

/** How an attempt ended: with what was injected, or well where its fault came too late. */
function outcomeOf({ error, isKilled }: Attempt<unknown>, where: string): string {
  if (isKilled) return 'killed';
  if (error === undefined) return 'done';
  expect(error, where).not.toBeInstanceOf(Killed);
  const { code } = error as NodeJS.ErrnoException;
  expect(['EIO', 'ENOSPC'], `${where}: ${error}`).toContain(code);
  return code!;
}

function bytesIfPresent(folder: string): Record<string, string> {
  try {
    return bytesBelow(folder);
  } catch {
    return {};
  }
}

function temporariesIn(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.includes('.tmp'));
  } catch {
    return [];
  }
}

/** Makes one point of a sweep shorter, as a short read or a power loss before its sync does. */
function tear(out: string, random: Random): void {
  const points = Object.keys(bytesIfPresent(out)).filter((name) => name.startsWith('points/'));
  const point = points[Math.floor(random.next() * points.length)];
  if (point === undefined) return;
  const file = join(out, point);
  truncateSync(file, Math.floor(random.next() * readFileSync(file).length));
}
