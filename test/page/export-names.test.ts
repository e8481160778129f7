import { expect, it } from 'vitest';
import { downloadNameOf } from '../../src/page/export-names.js';

it.each([
  ['two-tenants', 'two-tenants'],
  ['</script> a "b"', 'script-a-b'],
  ['--help', 'help'],
  ['..', 'scenario'],
  ['模型', 'scenario'],
  ['', 'scenario'],
])('a scenario named %j is saved as %s, which no command takes for an option', (name, file) => {
  expect(downloadNameOf(name)).toBe(file);
});
