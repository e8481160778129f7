import type { CommandModule } from 'yargs';
import { calibrateCommand } from './calibrate.js';
import { checkCommand } from './check.js';
import { compareCommand } from './compare.js';
import { diffCommand } from './diff.js';
import { emitCommand } from './emit.js';
import { explainCommand } from './explain.js';
import { initCommand } from './init.js';
import { liveCommand } from './live.js';
import { planCommand } from './plan.js';
import { profileCommand } from './profile.js';
import { simulateCommand } from './simulate.js';
import { sweepCommand } from './sweep.js';
import { traceCommand } from './trace.js';
import { tuneCommand } from './tune.js';
import { validateCommand } from './validate.js';
import { workerCommand } from './worker.js';

/**
 * All commands. A command's file is loaded at every start, so it imports what it works with only when
 * it runs.
 */
// biome-ignore lint/suspicious/noExplicitAny: yargs types a list of commands with different options no other way
export const commands: readonly CommandModule<object, any>[] = [
  simulateCommand,
  explainCommand,
  compareCommand,
  diffCommand,
  checkCommand,
  sweepCommand,
  workerCommand,
  planCommand,
  tuneCommand,
  emitCommand,
  calibrateCommand,
  liveCommand,
  validateCommand,
  traceCommand,
  profileCommand,
  initCommand,
];
