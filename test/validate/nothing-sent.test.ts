import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/base/problem.js';
import { validateScenario } from '../../src/node/calibrate/validate-scenario.js';
import { arrivals, config, profile, scenario, server, tenant } from '../support/scenario.js';

describe('a validation', () => {
  it('is refused where nothing is sent: every prediction of nothing would come true', async () => {
    const host = server('s', { models: [{ config: config('m', 1, {}), profile: profile('m', 2, 0) }] });
    const late = scenario([host], [tenant('t', 'm', arrivals([2e6]))], 1);
    const loaded = { scenario: late } as Parameters<typeof validateScenario>[0]['loaded'];
    const run = validateScenario({ loaded, servers: [] }, { repeats: 1, replications: 5 });
    await expect(run).rejects.toThrow(InputError);
    await expect(run).rejects.toThrow('no tenant of');
  });
});
