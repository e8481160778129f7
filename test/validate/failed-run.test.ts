import { expect, it } from 'vitest';
import { connectTriton } from '../../src/live/triton/connect.js';
import { validateScenario } from '../../src/node/calibrate/validate-scenario.js';
import { validationToHtml } from '../../src/validate/html.js';
import { validationToJson, validationToText } from '../../src/validate/text.js';
import { startMemoryTriton } from '../support/memory-triton.js';
import { arrivals, config, profile, scenario, server, tenant } from '../support/scenario.js';

it('a live run that is no measurement ends a validation and is not compared', async () => {
  let fails = false;
  const model = {
    serviceMs: () => 1,
    error: () => (fails ? { code: 13, details: 'bad luck' } : undefined),
  };
  const triton = await startMemoryTriton({ models: { m: model } });
  const client = connectTriton({ url: triton.url });
  const host = server('s', { models: [{ config: config('m', 8), profile: profile('m', 1, 0) }] });
  const played = scenario([host], [tenant('t', 'm', arrivals([0, 1e5, 2e5, 3e5]))], 0.4);
  const loaded = { scenario: played } as Parameters<typeof validateScenario>[0]['loaded'];
  const { report, liveRuns, failure } = await validateScenario(
    { loaded, servers: [{ client }] },
    {
      repeats: 3,
      replications: 5,
      onLiveRun: (repeat, { elapsedUs }) => {
        fails = repeat === 2 && elapsedUs > 0;
      },
    },
  );
  expect(failure?.message).toContain('bad luck');
  expect(liveRuns).toHaveLength(2);
  expect(report?.liveRuns).toBe(1);
  client.close();
  await triton.stop();
});

it('an interrupted validation compares the live runs before, and its report is marked in each form', async () => {
  const triton = await startMemoryTriton({ models: { m: { serviceMs: () => 1 } } });
  const client = connectTriton({ url: triton.url });
  const host = server('s', { models: [{ config: config('m', 8), profile: profile('m', 1, 0) }] });
  const played = scenario([host], [tenant('t', 'm', arrivals([0, 1e5, 2e5, 3e5]))], 0.4);
  const loaded = { scenario: played } as Parameters<typeof validateScenario>[0]['loaded'];
  const stop = new AbortController();
  const { report, interrupted } = await validateScenario(
    { loaded, servers: [{ client }] },
    {
      repeats: 3,
      replications: 5,
      signal: stop.signal,
      onLiveRun: (repeat) => {
        if (repeat === 2) stop.abort();
      },
    },
  );
  expect(interrupted).toBe(true);
  expect(report).toMatchObject({ liveRuns: 1, interrupted: true });
  expect(JSON.parse(validationToJson(report!))).toMatchObject({ liveRuns: 1, interrupted: true });
  for (const text of [validationToText(report!), validationToHtml(report!)])
    expect(text).toContain('Interrupted after 1 whole live run; by these, ');
  client.close();
  await triton.stop();
});
