/** Which numbers are not wrong, besides finite ones of 0 and above. */
export interface NumberRules {
  readonly nan?: boolean;
  readonly infinite?: boolean;
  readonly negative?: boolean;
}

/**
 * Path of the first number in a value that the rules forbid, such as `servers[0].cpuCores = NaN`; undefined
 * where there is none. Looks into lists, maps, typed arrays and plain objects.
 */
export function findWrongNumber(value: unknown, rules: NumberRules = {}, path = ''): string | undefined {
  if (typeof value === 'number') return isWrong(value, rules) ? `${path} = ${value}` : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  if (ArrayBuffer.isView(value)) return inColumn(value as unknown as ArrayLike<number>, rules, path);
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  for (const [key, part] of entries) {
    const found = findWrongNumber(part, rules, Array.isArray(value) ? `${path}[${key}]` : `${path}.${key}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

function inColumn(column: ArrayLike<number>, rules: NumberRules, path: string): string | undefined {
  for (let row = 0; row < column.length; row++) {
    if (isWrong(column[row]!, rules)) return `${path}[${row}] = ${column[row]}`;
  }
  return undefined;
}

function isWrong(value: number, { nan, infinite, negative }: NumberRules): boolean {
  if (Number.isNaN(value)) return nan !== true;
  if (!Number.isFinite(value) && infinite !== true) return true;
  return value < 0 && negative !== true;
}
