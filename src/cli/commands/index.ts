import type { CommandModule } from 'yargs';

// biome-ignore lint/suspicious/noExplicitAny: yargs types a list of commands with different options no other way
type AnyCommand = CommandModule<object, any>;

/** All commands by name, in the order in which help lists them. A command's file imports what it works with only when it runs. */
const LOADERS: Readonly<Record<string, () => Promise<AnyCommand>>> = {
  init: async () => (await import('./init.js')).initCommand,
  simulate: async () => (await import('./simulate.js')).simulateCommand,
  explain: async () => (await import('./explain.js')).explainCommand,
  compare: async () => (await import('./compare.js')).compareCommand,
  diff: async () => (await import('./diff.js')).diffCommand,
  check: async () => (await import('./check.js')).checkCommand,
  sweep: async () => (await import('./sweep.js')).sweepCommand,
  worker: async () => (await import('./worker.js')).workerCommand,
  plan: async () => (await import('./plan.js')).planCommand,
  tune: async () => (await import('./tune.js')).tuneCommand,
  export: async () => (await import('./export.js')).exportCommand,
  emit: async () => (await import('./emit.js')).emitCommand,
  calibrate: async () => (await import('./calibrate.js')).calibrateCommand,
  live: async () => (await import('./live.js')).liveCommand,
  validate: async () => (await import('./validate.js')).validateCommand,
  trace: async () => (await import('./trace.js')).traceCommand,
  profile: async () => (await import('./profile.js')).profileCommand,
  open: async () => (await import('./open.js')).openCommand,
  page: async () => (await import('./page.js')).pageCommand,
  doctor: async () => (await import('./doctor.js')).doctorCommand,
};

/** The commands that a command line can mean: the one that it begins with, or else all, so that small runs start quickly. */
export async function loadCommands(words: readonly string[] = []): Promise<readonly AnyCommand[]> {
  const [name = ''] = words;
  if (Object.hasOwn(LOADERS, name)) return [await LOADERS[name]!()];
  return Promise.all(Object.values(LOADERS).map((load) => load()));
}
