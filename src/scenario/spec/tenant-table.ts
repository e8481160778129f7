import { checkAgainst } from '../../base/document/schema-problems.js';
import { formatPath, type Path } from '../../base/path.js';
import { type Place, type Problem, ProblemList, problemsOf } from '../../base/problem.js';
import { forEachCsvRow } from '../../trace/csv-rows.js';
import { type TenantSpec, tenantSchema } from './tenant-spec.js';

/** Tenants that were read from a table, in the order of its rows. */
export interface TenantTable {
  /** As a scenario file would have them. */
  readonly written: readonly Record<string, unknown>[];
  /** With defaults filled in; those of rows with a mistake are left out. */
  readonly tenants: readonly TenantSpec[];
  readonly problems: readonly Problem[];
  /** Where a field of the tenant at that place of `tenants` stands; the innermost part of the path that has a column. */
  readonly placeOf: (tenant: number, path: Path) => Place;
}

/** In a request log, a tenant is a number of 16 bits. */
const MOST_TENANTS = 65_535;
/** Fields that are texts, whatever they look like. */
const TEXTS = new Set(['name', 'model', 'load.trace.file', 'load.trace.tenant']);
/** Columns with a name of their own: where their values go, and what stands beside them. */
const SHORT: Readonly<Record<string, Pick<Column, 'path' | 'beside'>>> = {
  ratePerS: {
    path: ['load', 'process', 'ratePerS'],
    beside: { path: ['load', 'process', 'kind'], value: 'poisson' },
  },
};

/**
 * Reads a CSV table of tenants. The header names fields by their path in a scenario file, such as `slo.limitMs`;
 * `ratePerS` is the rate of a Poisson process. An empty cell leaves its field out. Never throws: what is wrong is in `problems`.
 */
export function parseTenantTable(text: string, file: string): TenantTable {
  const list = new ProblemList({ file });
  const rows: TableRow[] = [];
  let columns: readonly Column[] | undefined;
  try {
    const row = (cells: string[], line: number) => {
      if (columns === undefined) columns = readHeader(cells, line, list);
      else if (rows.length < MOST_TENANTS) rows.push({ cells, line });
      else if (rows.length === MOST_TENANTS)
        list.add({ line, what: `there are more than ${MOST_TENANTS} tenants`, remedy: 'leave some out' });
    };
    forEachCsvRow(text, { row, comment: () => {} }, { file });
  } catch (error) {
    for (const problem of problemsOf(error)) list.add(problem);
  }
  if (rows.length === 0 && list.problems.length === 0)
    list.add({ what: 'there is no tenant in it', remedy: 'write a header and a row for each tenant' });
  return readRows(rows, columns ?? [], file, list);
}

interface TableRow {
  readonly cells: readonly string[];
  readonly line: number;
}

interface Column {
  readonly name: string;
  readonly path: readonly string[];
  readonly beside?: { readonly path: readonly string[]; readonly value: string };
}

function readHeader(cells: readonly string[], line: number, list: ProblemList): Column[] {
  const known = [...Object.keys(tenantSchema.shape), ...Object.keys(SHORT)];
  const names = cells.map((cell) => cell.trim());
  for (const [i, name] of names.entries()) {
    const place = { line, column: columnOf(cells, i) };
    if (!known.includes(name.split('.')[0]!))
      list.add({
        ...place,
        what: `"${name}" is no field of a tenant`,
        remedy: `fields are ${known.join(', ')}`,
      });
    else if (names.indexOf(name) < i)
      list.add({ ...place, what: `the column ${name} is there twice`, remedy: 'keep one of them' });
  }
  for (const name of ['name', 'model'])
    if (!names.includes(name)) list.add({ line, what: `there is no column ${name}`, remedy: 'add it' });
  return names.map((name) => ({ name, ...(SHORT[name] ?? { path: name.split('.') }) }));
}

function readRows(
  rows: readonly TableRow[],
  columns: readonly Column[],
  file: string,
  list: ProblemList,
): TenantTable {
  const isReadable = list.problems.length === 0;
  const written: Record<string, unknown>[] = [];
  const tenants: TenantSpec[] = [];
  const kept: TableRow[] = [];
  const placeIn = (row: TableRow, path: Path): Place => ({
    file,
    line: row.line,
    ...cellPlace(row, columns, path),
  });
  for (const row of isReadable ? rows : []) {
    if (row.cells.length !== columns.length) {
      const what = `there are ${row.cells.length} cells, the header has ${columns.length}`;
      list.add({ line: row.line, what, remedy: 'write a cell for each column' });
      continue;
    }
    const plain = tenantOf(row.cells, columns);
    const checked = checkAgainst(tenantSchema, plain);
    for (const { path, what, remedy: usual } of checked.problems) {
      // A cell holds no fields.
      const remedy = usual?.replace('named fields', 'it in this row');
      list.add({ ...placeIn(row, path), what, ...(remedy !== undefined && { remedy }) });
    }
    if (checked.value === undefined) continue;
    written.push(plain);
    tenants.push(checked.value);
    kept.push(row);
  }
  return {
    written,
    tenants,
    problems: list.problems,
    placeOf: (tenant, path) => placeIn(kept[tenant]!, path),
  };
}

/** A row as a scenario file would have it. */
function tenantOf(cells: readonly string[], columns: readonly Column[]): Record<string, unknown> {
  const tenant = noFields();
  for (const [i, { name, path, beside }] of columns.entries()) {
    const cell = cells[i]!.trim();
    if (cell === '') continue;
    if (beside !== undefined) put(tenant, beside.path, beside.value);
    put(tenant, path, cellValue(name, cell));
  }
  return tenant;
}

/** Without a prototype: a column may have any name. */
function noFields(): Record<string, unknown> {
  return Object.create(null);
}

function put(into: Record<string, unknown>, [key, ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) {
    into[key!] = value;
    return;
  }
  const known = into[key!];
  const inner = typeof known === 'object' ? (known as Record<string, unknown>) : noFields();
  into[key!] = inner;
  put(inner, rest, value);
}

function cellValue(name: string, cell: string): unknown {
  if (name === 'servers') return cell.split(/\s+/);
  if (TEXTS.has(name) || !/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(cell)) return cell;
  return Number(cell);
}

/** Of the column whose field holds what stands at the path, or else of the first one inside of it. */
function cellPlace({ cells }: TableRow, columns: readonly Column[], path: Path): Place {
  const steps = path.map(String);
  const fits = ({ path: own }: Column) => own.every((step, i) => step === steps[i]);
  const holds = ({ path: own }: Column) => steps.length > 0 && steps.every((step, i) => step === own[i]);
  const at = columns.findIndex(fits) >= 0 ? columns.findIndex(fits) : columns.findIndex(holds);
  if (at < 0) return path.length === 0 ? {} : { path: formatPath(path) };
  return { column: columnOf(cells, at), path: columns[at]!.name };
}

/** Where a cell begins, counted from 1, where no cell before it is quoted. */
function columnOf(cells: readonly string[], cell: number): number {
  return cells.slice(0, cell).reduce((sum, { length }) => sum + length + 1, 1);
}
