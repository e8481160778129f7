import { describe, expect, it } from 'vitest';
import { runScenario } from '../../src/node/runs/run-scenario.js';
import { loadScenario } from '../../src/node/scenario/scenario-files.js';
import { carriedFromText, carriedToText, carry, resourcesOf } from '../../src/page/carried.js';
import { simulateCarried } from '../../src/page/simulate-carried.js';
import { reportToJson } from '../../src/report/json.js';

const SCENARIO = 'examples/scenarios/mig.yaml';
const SHORT = { durationS: 3, warmUpS: 0.5 };
const options = { version: '0' };
const carried = carry(await loadScenario(SCENARIO, SHORT), '0');
const resources = resourcesOf(carried);

describe('a carried scenario', () => {
  it('is the same after it was written and read', () => {
    expect(carriedFromText(carriedToText(carried))).toEqual(carried);
  });

  it('gives the figures of the file that it is from, by the same name', async () => {
    const { report } = await runScenario(SCENARIO, { overrides: SHORT });
    const { resultHash } = JSON.parse(reportToJson(report));
    expect(simulateCarried(carried.spec, resources, options)).toMatchObject({
      hash: resultHash,
      isWhole: true,
    });
  });

  it('is simulated in part where few requests are asked for', () => {
    const answer = simulateCarried(carried.spec, resources, { ...options, mostRequests: 200 });
    if ('problems' in answer) throw new Error('it has problems');
    expect(answer.isWhole).toBe(false);
    const { tenants } = answer.report.summary;
    const offered = tenants.reduce((sum, { counts }) => sum + counts.offered, 0);
    expect(offered).toBeGreaterThan(50);
    expect(offered).toBeLessThan(400);
  });

  it('with a mistake gives its problems', () => {
    const spec = { ...carried.spec, warmUpS: -1, tenants: [] };
    expect(simulateCarried(spec, resources, options)).toEqual({
      problems: [
        expect.objectContaining({ path: 'warmUpS' }),
        expect.objectContaining({ path: 'tenants', what: expect.stringContaining('is empty') }),
      ],
    });
  });
});
