import type { InferredOptionTypes } from 'yargs';
import { InputError } from '../../../base/problem.js';
import type { InputContents } from '../../../live/input-files.js';
import type { GivenInputs } from '../../../live/model-inputs.js';
import { gatherProblems } from '../../gather-problems.js';

export const inputOptions = {
  input: {
    type: 'string',
    array: true,
    nargs: 1,
    describe: 'Contents of input tensors: FILE, or MODEL=FILE for one model; may be repeated',
  },
  shape: {
    type: 'string',
    array: true,
    nargs: 1,
    describe: 'Shape of an input with variable dimensions: INPUT=128, or MODEL/INPUT=128; may be repeated',
  },
  fill: {
    choices: ['zero', 'random'] as const,
    default: 'zero' as const,
    describe: 'What tensors hold of which no file was given',
  },
} as const;

type InputArguments = InferredOptionTypes<typeof inputOptions>;

/** What is given for one model, or for all. */
interface Given extends InputContents {
  readonly model: string | undefined;
}

/** @throws InputError with everything in these options that cannot be used */
export async function readInputs({ input = [], shape = [], fill }: InputArguments): Promise<GivenInputs> {
  const given = await gatherProblems(
    ...input.map((text) => () => readContents(text)),
    ...shape.map((text) => () => readShape(text)),
  );
  const byModel = new Map<string | undefined, InputContents>();
  for (const { model, values, shapes } of given) {
    const before = byModel.get(model);
    byModel.set(model, {
      values: new Map([...(before?.values ?? []), ...values]),
      shapes: new Map([...(before?.shapes ?? []), ...shapes]),
    });
  }
  const all = byModel.get(undefined);
  byModel.delete(undefined);
  return { fill, ...(all !== undefined && { all }), byModel: byModel as ReadonlyMap<string, InputContents> };
}

async function readContents(text: string): Promise<Given> {
  const { readInputContents } = await import('../../../live/input-files.js');
  const [, model, file] = /^([^=]+)=(.+)$/s.exec(text) ?? [undefined, undefined, text];
  return { model, ...(await readInputContents(file!)) };
}

function readShape(text: string): Given {
  const [, model, name, dims] = /^(?:([^/=]+)\/)?([^/=]+)=(\d+(?:,\d+)*)$/.exec(text) ?? [];
  if (name !== undefined)
    return { model, values: new Map(), shapes: new Map([[name, dims!.split(',').map(Number)]]) };
  const remedy = 'write INPUT=128, INPUT=3,224,224 or MODEL/INPUT=128, without the batch dimension';
  throw InputError.of(`"${text}" is no shape of an input`, remedy, { path: '--shape' });
}
