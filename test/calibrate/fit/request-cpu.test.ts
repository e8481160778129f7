import { expect, it } from 'vitest';
import { otherWork } from '../../../src/calibrate/fit/threads/other-work.js';
import { fitRequestCpu } from '../../../src/calibrate/fit/threads/request-cpu.js';
import type { Observation } from '../../../src/calibrate/observation.js';
import { clientOf, counted, observed } from './observed.js';

/** A client takes a tenth of a core to keep its schedule, and so much for each request. */
const CLIENT_US = 150;
const SERVER_US = 400;
const INFER_US = 2000;

/** Ten seconds of an open loop of single executions. */
function open(id: 'alone' | 'poisson-60', requests: number, computes: boolean): Observation {
  const clientS = 1 + (requests * CLIENT_US) / 1e6;
  const computedS = computes ? (requests * INFER_US) / 1e6 : 0;
  const machineS = clientS + computedS + (requests * SERVER_US) / 1e6;
  return observed(
    id === 'alone'
      ? { kind: 'alone', id: `m/${id}`, model: 'm', busyShare: 0.4 }
      : { kind: 'poisson', id: `m/${id}`, model: 'm', loadShare: 0.6 },
    {
      statistics: [counted('m', requests, INFER_US)],
      clients: [{ ...clientOf('m', 3000), completed: requests }],
      cpu: { machineS, clientS, otherS: 0 },
    },
  );
}

it.each([true, false])(
  'what the cores did besides computing is the requests and their client (computes: %s)',
  (computes) => {
    const points = [open('alone', 1000, computes), open('poisson-60', 4000, computes)];
    expect(fitRequestCpu(points, 'm', { cores: 2, computes })).toEqual({
      requestCpuUs: SERVER_US,
      clientCpuUs: CLIENT_US,
    });
  },
);

it('loads with larger batches tell a request from its execution', () => {
  const [requestUs, executionUs] = [100, 300];
  const load = (id: 'alone' | 'poisson-60', requests: number, batch: number) => {
    const point = open(id, requests, false);
    const executions = requests / batch;
    const statistics = point.statistics.map((each) => ({ ...each, executionCount: executions }));
    const machineS = point.cpu!.clientS + (requests * requestUs + executions * executionUs) / 1e6;
    return { ...point, statistics, cpu: { ...point.cpu!, machineS } };
  };
  const points = [load('alone', 1000, 1), load('poisson-60', 4000, 2)];
  expect(fitRequestCpu(points, 'm', { cores: 2, computes: false })).toEqual({
    requestCpuUs: requestUs,
    executionCpuUs: executionUs,
    clientCpuUs: CLIENT_US,
  });
});

it("where the line through loads would have requests take less than nothing, all is the executions'", () => {
  const load = (id: 'alone' | 'poisson-60', requests: number, batch: number, us: number) => {
    const point = open(id, requests, false);
    const statistics = point.statistics.map((each) => ({ ...each, executionCount: requests / batch }));
    return {
      ...point,
      statistics,
      cpu: { ...point.cpu!, machineS: point.cpu!.clientS + (requests * us) / 1e6 },
    };
  };
  // 500 us a request of its own execution, 200 us of half of one: least squares through nothing is 600 / 1.25.
  const points = [load('alone', 1000, 1, 500), load('poisson-60', 4000, 2, 200)];
  expect(fitRequestCpu(points, 'm', { cores: 2, computes: false })).toMatchObject({
    requestCpuUs: 0,
    executionCpuUs: 480,
  });
});

it('loads of two models say nothing of what one of them takes', () => {
  const own = open('alone', 1000, false);
  const both = observed(
    { kind: 'together', id: 'm/together-with-n', model: 'm', other: 'n', busyShare: 0.4 },
    {
      statistics: [counted('m', 1000, INFER_US), counted('n', 1000, INFER_US)],
      clients: [...own.clients, { ...clientOf('n', 3000), completed: 1000 }],
      cpu: { machineS: 9, clientS: 1 + (2000 * CLIENT_US) / 1e6, otherS: 0 },
    },
  );
  const { requestCpuUs } = fitRequestCpu([own, both], 'm', { cores: 2, computes: false });
  expect(requestCpuUs).toBe(SERVER_US);
});

it('one point tells the server from its client, but not the client from its schedule', () => {
  expect(fitRequestCpu([open('alone', 1000, true)], 'm', { cores: 2, computes: true })).toEqual({
    requestCpuUs: SERVER_US,
    clientCpuUs: 0,
  });
});

it('nothing is said of a server on another machine, of one with a single core, of too few requests', () => {
  const points = [open('alone', 1000, true), open('poisson-60', 4000, true)];
  expect(fitRequestCpu(points, 'm', { cores: undefined, computes: true })).toEqual({});
  expect(fitRequestCpu(points, 'm', { cores: 1, computes: true })).toEqual({});
  expect(fitRequestCpu(points, 'other', { cores: 2, computes: true })).toEqual({});
  expect(fitRequestCpu([open('alone', 100, true)], 'm', { cores: 2, computes: true })).toEqual({});
});

it('a machine that was busy with something else is not the cost of a request without end', () => {
  const point = open('alone', 300, false);
  const busy = { ...point, cpu: { machineS: 20, clientS: 1, otherS: 0 } };
  expect(fitRequestCpu([busy], 'm', { cores: 2, computes: false }).requestCpuUs).toBe(5000);
});

it('where the processes of the server are told from others, one disturbed load costs requests nothing', () => {
  const told = (point: Observation, othersS: number): Observation => {
    const { machineS, clientS } = point.cpu!;
    return {
      ...point,
      cpu: { machineS: machineS + othersS, clientS, serverS: machineS - clientS, otherS: othersS },
    };
  };
  const points = [told(open('alone', 1000, true), 10), told(open('poisson-60', 4000, true), 0)];
  expect(fitRequestCpu(points, 'm', { cores: 2, computes: true })).toEqual({
    requestCpuUs: SERVER_US,
    clientCpuUs: CLIENT_US,
  });
  expect(points.map(otherWork(points))).toEqual([1, 0]);
});
