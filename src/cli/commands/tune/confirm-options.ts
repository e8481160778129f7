import type { InferredOptionTypes } from 'yargs';
import { InputError } from '../../../base/problem.js';
import type { GivenInputs } from '../../../live/model-inputs.js';
import type { LiveServer } from '../../../live/run-live.js';
import type { TritonOptions } from '../../../live/triton/connect.js';
import type { ChangeNote } from '../../../node/calibrate/change-note.js';
import type { LoadedScenario } from '../../../node/scenario/scenario-files.js';
import type { LiveConfirmation } from '../../../node/tune/live-confirmation.js';
import type { NoteModels } from '../../../node/tune/live-models.js';
import { gatherProblems } from '../../gather-problems.js';
import { COUNT, requireNumbers } from '../../number-options.js';
import { say } from '../../output.js';
import { refuseUnused } from '../../unused-options.js';
import { inputOptions, readInputs } from '../options/input-options.js';
import { closeAll, connectToAll, liveRunOptions, withHttpUrls } from '../options/live-run-options.js';
import { readServerOptions, serverOptions } from '../options/server-options.js';

export const confirmOptions = {
  confirm: { type: 'number', describe: 'Measure so many of the best on the live servers; needs --url' },
  rounds: { type: 'number', default: 3, describe: 'Live runs of each, in turns' },
  ...serverOptions,
  url: {
    type: 'string',
    array: true,
    nargs: 1,
    describe: 'gRPC address of each server of the scenario, in their order: host:port, grpcs:// for TLS',
  },
  'http-url': liveRunOptions['http-url'],
  pacer: liveRunOptions.pacer,
  ...inputOptions,
} as const;

export type ConfirmArguments = InferredOptionTypes<typeof confirmOptions>;

/** What is to be measured, as the options say it. */
export interface ConfirmationInput {
  readonly candidates: number;
  readonly rounds: number;
  /** How to connect to each server of the scenario, in its order. */
  readonly servers: readonly TritonOptions[];
  /** Of the servers among them that speak HTTP. */
  readonly httpUrls: readonly string[];
  /** What requests hold. */
  readonly inputs: GivenInputs;
}

/**
 * Reads the options, before any server is asked; undefined where nothing is to be measured.
 * @throws InputError with everything in them that cannot be used
 */
export async function readConfirmation(args: ConfirmArguments): Promise<ConfirmationInput | undefined> {
  const { confirm: candidates, rounds, url } = args;
  if (candidates === undefined && url === undefined) {
    requireNoneOfLive(args);
    return undefined;
  }
  if (candidates === undefined) throw missing('--url', 'nothing is measured there', '--confirm 3');
  if (url === undefined) throw missing('--confirm', 'needs a live server', '--url host:port');
  const [servers, inputs] = await gatherProblems(
    () => readServerOptions(args, url, args['http-url']),
    () => readInputs(args),
    () => requireNumbers({ confirm: [candidates, COUNT], rounds: [rounds, COUNT] }),
  );
  return { candidates, rounds, servers, httpUrls: args['http-url'] ?? [], inputs };
}

function requireNoneOfLive(args: ConfirmArguments): void {
  const given = Object.entries(confirmOptions).flatMap(([name, option]) => {
    const value = args[name as keyof ConfirmArguments];
    return 'default' in option && value === option.default ? [] : [[name, value]];
  });
  const remedy = 'write --confirm 3 --url host:port as well, or leave it out';
  refuseUnused(Object.fromEntries(given), 'where nothing is measured', remedy);
}

function missing(path: string, what: string, option: string): InputError {
  return InputError.of(what, `write ${option} as well`, { path });
}

export interface OpenConfirmation extends ConfirmationInput {
  readonly live: LiveConfirmation;
  readonly close: () => void;
}

/**
 * Connects to the servers and reads how they serve the models, before anything is searched or changed; but for models that
 * a confirmation of this scenario had not given back, which was killed.
 * @throws InputError when there are more or fewer servers or other models than in the scenario; LiveError when a
 *   server is not there
 */
export async function openConfirmation(
  scenarioFile: string,
  loaded: LoadedScenario,
  input: ConfirmationInput,
  { pacer }: Pick<ConfirmArguments, 'pacer'>,
): Promise<OpenConfirmation> {
  const { requireAddresses, requireServed } = await import('../../../node/calibrate/validate-scenario.js');
  const { liveConfirmation } = await import('../../../node/tune/live-confirmation.js');
  requireAddresses(loaded.scenario, input.servers.length);
  const options = withHttpUrls(loaded.scenario, input.servers, input.httpUrls);
  const note: ChangeNote = { file: `${scenarioFile}.changed-models.jsonl`, by: 'tune' };
  await requirePlace(note);
  const servers = await connectToAll(options);
  const close = () => closeAll(servers);
  try {
    await giveBack(note, servers);
    await requireServed(scenarioFile, { loaded, servers }, { sameConfig: false });
    const live = await liveConfirmation(loaded.scenario, servers, {
      ...{ note: await noting(note), inputs: input.inputs },
      ...(pacer !== undefined && { pacer }),
    });
    return { ...input, live, close };
  } catch (error) {
    close();
    throw error;
  }
}

/** @throws InputError where the note could not be written once a model is to be loaded */
async function requirePlace({ file }: ChangeNote): Promise<void> {
  const { requireFilePlace } = await import('../../../node/files/output-places.js');
  await requireFilePlace('--confirm', file).catch((error) => {
    if (!(error instanceof InputError)) throw error;
    const remedy =
      'tune a copy of the scenario elsewhere: how models were found is kept beside it until they are given back';
    throw new InputError(error.problems.map((problem) => ({ ...problem, remedy })));
  });
}

async function giveBack(note: ChangeNote, servers: readonly LiveServer[]): Promise<void> {
  const { restoreNoted } = await import('../../../node/calibrate/change-note.js');
  const given = await restoreNoted(
    note,
    servers.map(({ client }) => client),
  );
  if (given.length === 0) return;
  const names = given.map(({ name }) => name).join(', ');
  say(`${names}: not as found by a confirmation that was killed; given back first, as ${note.file} says`);
}

/** Says where the note is when the first model is about to be loaded: who is killed cannot say it any more. */
async function noting(note: ChangeNote): Promise<NoteModels> {
  const { noteChanged } = await import('../../../node/calibrate/change-note.js');
  let isSaid = false;
  return async (models) => {
    await noteChanged(note, models);
    if (isSaid) return;
    isSaid = true;
    say(`until the models are given back, ${note.file} says how they were; ${AFTER_A_KILL}`);
  };
}

const AFTER_A_KILL = 'killed meanwhile, the next tune --confirm of this scenario gives them back first';

/** Before, Ctrl-C ends the search at once. */
export const ON_INTERRUPT =
  'stopping; the models are given back as they were (Ctrl-C again: at once, and they stay as they are now, until the next tune --confirm)';
