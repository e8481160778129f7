import { expect, it } from 'vitest';
import { explainTenant } from '../../src/report/explain-tenant.js';
import type { Scenario, Sharing } from '../../src/scenario/scenario.js';
import { config, poisson, profile, scenario, server, tenant } from '../support/scenario.js';

/** A model of which every execution takes its own time, seldom asked, and so many others beside it. */
function spreading(others: number, sharing: Sharing): Scenario {
  const names = ['m', ...Array.from({ length: others }, (_, i) => `other${i}`)];
  const models = names.map((name) => ({
    config: config(name, 1),
    profile: profile(name, 10, 0, { spread: { law: 'gamma', cv: 0.5 }, interference: { pairs: [] } }),
  }));
  const tenants = names.map((name, model) =>
    tenant(name, name, poisson(name, 5, 500), { targets: [{ server: 0, model }] }),
  );
  return scenario([server('s', { models, sharing })], tenants, 100);
}

const blamed = (spec: Scenario) => explainTenant(spec, 'm').explanation.causes.map(({ code }) => code);

it('nobody is blamed for executions that take longer where nobody is beside them', () => {
  expect(blamed(spreading(0, { mode: 'streams' }))).toContain('compute');
  expect(blamed(spreading(0, { mode: 'streams' }))).not.toContain('co-runners');
  expect(blamed(spreading(1, { mode: 'exclusive' }))).not.toContain('co-runners');
});
