/** Where a value is inside a document: keys and indices from the top. */
export type Path = readonly (string | number)[];

/** `tenants[0].slo.limitMs`; keys that are no plain words are quoted: `models["a b"]`, long ones are cut. */
export function formatPath(path: Path): string {
  return path.map((step, i) => formatStep(step, i === 0)).join('');
}

function formatStep(step: string | number, first: boolean): string {
  if (typeof step === 'number') return `[${step}]`;
  if (step.length > LONGEST_KEY) return `[${JSON.stringify(`${step.slice(0, LONGEST_KEY - 3)}...`)}]`;
  if (!/^[A-Za-z_$][\w$-]*$/.test(step)) return `[${JSON.stringify(step)}]`;
  return first ? step : `.${step}`;
}

/** Longer than any key that we know; the place in the text says which one is meant. */
const LONGEST_KEY = 80;
