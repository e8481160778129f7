import * as z from 'zod';
import type { DetachedScenario } from './detached.js';
import { type ColumnType, ROW_COLUMNS, type SweepRow, TOTAL_ROW } from './row.js';

const CELLS: Readonly<Record<ColumnType, z.ZodType>> = {
  text: z.string().nullable(),
  number: z.number().nullable(),
  count: z.int().min(0).nullable(),
  flag: z.boolean().nullable(),
};

/** A row as a point gives it: every column and no other, each with what its type allows. */
export const rowSchema = z.strictObject({
  ...Object.fromEntries(ROW_COLUMNS.map(({ name, type }) => [name, CELLS[type]])),
  // Every row is of somebody.
  tenant: z.string(),
  is_total: z.boolean(),
}) as unknown as z.ZodType<SweepRow>;

/** The rows of a point: those of its tenants in their order, then the one over all of them. */
export function rowsSchema({ tenants }: Pick<DetachedScenario, 'tenants'>): z.ZodType<readonly SweepRow[]> {
  const wanted = [
    ...tenants.map(({ name }) => ({ name, isTotal: false })),
    { name: TOTAL_ROW, isTotal: true },
  ];
  return z.array(rowSchema).superRefine((rows, context) => {
    const add = (path: (string | number)[], message: string) =>
      context.addIssue({ code: 'custom', path, message });
    if (rows.length !== wanted.length) add([], `has ${rows.length} rows in place of ${wanted.length}`);
    for (const [i, { name, isTotal }] of wanted.slice(0, rows.length).entries()) {
      if (rows[i]!['tenant'] !== name) add([i, 'tenant'], `is not "${name}"`);
      if (rows[i]!['is_total'] !== isTotal) add([i, 'is_total'], `is not ${isTotal}`);
    }
  });
}
