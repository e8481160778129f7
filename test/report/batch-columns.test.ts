import { expect, it } from 'vitest';
import { modelTable } from '../../src/report/tables/resource-tables.js';
import { splitTable } from '../../src/report/tables/tenant-tables.js';

it('the mean over the requests of a tenant is not called as the one over the executions of a model', () => {
  const headers = (table: { readonly columns: readonly { readonly header: string }[] }) =>
    table.columns.map(({ header }) => header).filter((header) => header.includes('batch'));
  expect(headers(splitTable([]))).toEqual(['batch it is in']);
  expect(headers(modelTable([]))).not.toContain('batch it is in');
});
