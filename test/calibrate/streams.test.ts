import { expect, it } from 'vitest';
import {
  lagsOf,
  streamLines,
  timesOf,
  withFirstResponses,
  withinExecutions,
} from '../../src/calibrate/composed/streams.js';
import { liveScenario } from '../../src/calibrate/live-scenario.js';
import type { InferenceClient } from '../../src/live/inference-client.js';

const ms = (...times: number[]) => times.map((each) => each * 1000);

it('responses come after the execution where the first one does, less the delay of client and network', () => {
  const times = timesOf([ms(12, 16, 20), ms(14, 18, 22)], 4000, 500);
  expect(times).toEqual({
    mean: 3,
    law: 'constant',
    firstUs: 8500,
    gapUs: 4000,
    networkDelayUs: 500,
    requestUs: 4000,
  });
  expect(streamLines(new Map([['m', times]]))).toEqual([
    'm gives 3.0 responses: the first 8.5 ms after its execution has ended, then one every 4.0 ms',
  ]);
});

it('they come while the instance executes where the client has the first one before the execution ends', () => {
  const times = timesOf([ms(10, 20, 30)], 29_800, 500);
  expect(times).toEqual({
    mean: 3,
    law: 'constant',
    firstUs: -20_000,
    gapUs: 10_000,
    networkDelayUs: 500,
    requestUs: 29_800,
  });
  expect(lagsOf(new Map([['busy', times]])).size).toBe(0);
  const half = withinExecutions(new Map([['busy', times]]), new Map([['busy', 14_900]]));
  expect(half.get('busy')).toMatchObject({ mean: 3, firstUs: -10_000, gapUs: 5000 });
});

it('their number varies where not all requests have as many, also one or none', () => {
  expect(timesOf([ms(5, 6, 7), ms(5)], 4000, 500)).toMatchObject({ mean: 2, law: 'geometric', gapUs: 1000 });
  expect(timesOf([], 4000, 500)).toMatchObject({ mean: 1, gapUs: 0 });
});

it('a client hears of a first response once, and of an error only before it', () => {
  let [respond, end]: (() => void)[] = [];
  const server = {
    send: (_: unknown, done: (error: unknown) => void, responded: () => void) => {
      [respond, end] = [responded, () => done('late')];
    },
  } as unknown as InferenceClient;
  const client = withFirstResponses(server, (model) => model === 'late');
  const heard = (model: string) => {
    const told: unknown[] = [];
    client.send(
      { model } as never,
      (error) => told.push(error ?? 'done'),
      () => told.push('response'),
    );
    return told;
  };
  const late = heard('late');
  respond!();
  respond!();
  end!();
  expect(late).toEqual(['response', 'done']);
  const failed = heard('late');
  end!();
  expect(failed).toEqual(['late']);
  const busy = heard('busy');
  respond!();
  respond!();
  end!();
  expect(busy).toEqual(['response', 'response', 'late']);
});

it('the scenario says how many responses a decoupled model gives, and when', () => {
  const config = { name: 'm', instanceGroups: [], inputs: [], outputs: [], maxBatchSize: 0 };
  const streams = new Map([['m', timesOf([ms(12, 16, 20)], 4000, 500)]]);
  const text = liveScenario([{ config, json: {}, ratePerS: 1 } as never], { streams });
  expect(text).toMatch(/responses:\s+(\{ )?mean: 3,?\s+law: constant,?\s+firstMs: 7.5,?\s+gapMs: 4/);
});
