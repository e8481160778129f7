/** Where a value is inside a document: keys and indices from the top. */
export type Path = readonly (string | number)[];

/** `tenants[0].slo.limitMs`; keys that are no plain words are quoted: `models["a b"]`. */
export function formatPath(path: Path): string {
  return path.map((step, i) => formatStep(step, i === 0)).join('');
}

function formatStep(step: string | number, first: boolean): string {
  if (typeof step === 'number') return `[${step}]`;
  if (!/^[A-Za-z_$][\w$-]*$/.test(step)) return `[${JSON.stringify(step)}]`;
  return first ? step : `.${step}`;
}
