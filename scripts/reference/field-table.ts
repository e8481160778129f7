interface Schema {
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly description?: string;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
}

interface Row {
  readonly path: string;
  readonly value: string;
  readonly isRequired: boolean;
  readonly schema: Schema;
}

/** All fields of a JSON Schema, the inner ones by their path, as a table in Markdown. */
export function fieldTable(schema: Schema): string {
  const rows = new Map(rowsIn(schema, '').map((row) => [`${row.path} ${row.value}`, row]));
  const lines = [...rows.values()].map(
    ({ path, value, isRequired, schema: { description = '', default: preset } }) =>
      `| \`${path}\`${isRequired ? ' (needed)' : ''} | ${value} | ${sentence(description, preset)} |`,
  );
  return ['| field | value | meaning |', '|---|---|---|', ...lines, ''].join('\n');
}

/** Variants of a value have their fields under the same path. */
function rowsIn(schema: Schema, path: string): readonly Row[] {
  const { properties = {}, required = [], items, additionalProperties, anyOf, oneOf, allOf } = schema;
  const own = Object.entries(properties).flatMap(([name, field]) => {
    const below = path === '' ? name : `${path}.${name}`;
    const row = { path: below, value: wordsFor(field), isRequired: required.includes(name), schema: field };
    return [row, ...rowsIn(field, below)];
  });
  return [
    ...own,
    ...(items ? rowsIn(items, `${path}[]`) : []),
    ...(typeof additionalProperties === 'object' ? rowsIn(additionalProperties, `${path}.NAME`) : []),
    ...[anyOf, oneOf, allOf].flatMap((variants = []) => variants.flatMap((one) => rowsIn(one, path))),
  ];
}

function wordsFor({ type, const: only, enum: words, items, anyOf, oneOf, properties }: Schema): string {
  if (only !== undefined) return `\`${JSON.stringify(only)}\``;
  if (words !== undefined) return words.map((word) => `\`${word}\``).join(', ');
  if (type === 'array') return `list of ${items ? wordsFor(items) : 'values'}`;
  if (type === undefined && properties === undefined) {
    const values = new Set([...(anyOf ?? []), ...(oneOf ?? [])].map(wordsFor));
    return values.size > 0 ? [...values].join(' or ') : 'any';
  }
  return [type ?? 'object'].flat().join(' or ');
}

function sentence(description: string, preset: unknown): string {
  const text = description.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('\n', ' ');
  if (preset === undefined || /\bDefault: /.test(description)) return text;
  return `${text} Default: \`${JSON.stringify(preset)}\`.`.trim();
}
