import type { SurveyedModel } from '../repository/survey-folder.js';
import type { OpenPoint } from './draft.js';

/** Guesses: no configuration says how many responses a decoupled model gives, or how often a backend reschedules a request. */
const RESPONSES = { mean: 10, law: 'geometric', firstMs: 10, gapMs: 10 };
const ITERATIONS = { mean: 10, law: 'geometric' };

/** What only the running code of a model knows of its answers; undefined: nothing. */
function guessOf({ config, steps, engine }: SurveyedModel) {
  if (config.sequences?.isIterative === true)
    return { field: 'iterations', guess: ITERATIONS, what: `${ITERATIONS.mean} executions of a request` };
  if (config.decoupled !== true || steps !== undefined || engine !== undefined) return undefined;
  const { mean, firstMs, gapMs } = RESPONSES;
  const what = `${mean} responses to a request, the first ${firstMs} ms after its execution, the next every ${gapMs} ms,`;
  return { field: 'responses', guess: RESPONSES, what };
}

export function answerLines(model: SurveyedModel): string[] {
  const found = guessOf(model);
  if (found === undefined) return [];
  const fields = Object.entries(found.guess).map(([key, value]) => `${key}: ${value}`);
  return [`        ${found.field}: {${fields.join(', ')}}   # a guess`];
}

export function answerPoints(model: SurveyedModel, file: 'scenario' | 'plan'): OpenPoint[] {
  const found = guessOf(model);
  if (found === undefined) return [];
  const measured = found.field === 'responses' ? '; perseus calibrate measures them' : '';
  return [
    {
      what: `${model.name}: ${found.what} are a guess`,
      supply: `correct its ${found.field}: in the ${file}${measured}`,
    },
  ];
}
