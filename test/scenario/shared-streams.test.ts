import { expect, it } from 'vitest';
import { check, problemsOf, scenarioText } from './fixtures.js';

const TENANTS =
  '[{name: a, model: resnet, sharedStreams: 2, load: {process: {kind: poisson, ratePerS: 10}}}]';

it('streams are shared over gRPC only', () => {
  const { scenario } = check(scenarioText({ tenants: TENANTS }));
  expect(scenario.tenants[0]!.sharedStreams).toBe(2);
  expect(problemsOf(scenarioText({ server: 'triton: {protocol: http}', tenants: TENANTS }))).toEqual([
    expect.stringMatching(
      /tenants\[0\].sharedStreams: "main" is asked over HTTP, which has no streams; leave/,
    ),
  ]);
});
