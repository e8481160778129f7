import { describe, expect, it } from 'vitest';
import { calibrateFromCounters } from '../../../src/calibrate/traffic/from-counters.js';
import type { TrafficFit } from '../../../src/calibrate/traffic/traffic-profile.js';
import { serializeProfile } from '../../../src/profile/parse.js';
import { serviceTime } from '../../../src/profile/service-time.js';
import { config } from '../../support/scenario.js';
import { FACTS, hours, pages, readings, sum } from './counter-hours.js';
import { pageOf, rangeOf } from './counters-of.js';

interface PrometheusAnswer {
  readonly data: {
    readonly result: readonly { readonly metric: object; readonly values: readonly unknown[] }[];
  };
}

describe('counters of hours of different load', () => {
  const [fit] = calibrateFromCounters(pages, FACTS, { intervalS: 11 });

  it('give the line of the service time, which averages over requests would put too high', () => {
    for (const batchSize of [1, 2, 4, 6]) {
      const { inferMs } = serviceTime(fit!.profile, batchSize);
      expect(Math.abs(inferMs / (2 + 0.5 * batchSize) - 1)).toBeLessThan(0.02);
    }
  });

  it('give the response time per request and how busy the device was', () => {
    const { response, region } = fit!.profile;
    expect(Math.abs(response.fixedUs + response.perRequestUs - 25)).toBeLessThan(1);
    expect(region.maxUtilization).toBeGreaterThan(0.7);
  });

  it('say that it is only a line, without a spread', () => {
    expect(fit!.profile.service).toHaveLength(2);
    expect(fit!.profile.spread).toEqual({ law: 'none' });
    expect(fit!.uncertain.join(' ')).toMatch(
      /a line through 5 intervals.*spread of service times is not known/,
    );
    expect(() => serializeProfile(fit!.profile)).not.toThrow();
  });

  it('give the same as answers of Prometheus, in one file or in a file for each counter', () => {
    const text = rangeOf(readings, 'm');
    const [one] = calibrateFromCounters([{ file: 'range.json', text }], FACTS);
    const { data } = JSON.parse(text);
    const single = data.result.map((series: unknown, i: number) => ({
      file: `${i}.json`,
      text: JSON.stringify({ status: 'success', data: { result: [series] } }),
    }));
    const [many] = calibrateFromCounters(single, FACTS);
    expect(one!.profile).toEqual(fit!.profile);
    expect(many!.profile).toEqual(fit!.profile);
  });

  it('give the same as answers that share a time, where one ends and the next begins', () => {
    const answer = (file: string, part: typeof readings) => ({ file, text: rangeOf(part, 'm') });
    const answers = [answer('first', readings.slice(0, 3)), answer('second', readings.slice(2))];
    const [both] = calibrateFromCounters(answers, FACTS);
    expect(both!.profile).toEqual(fit!.profile);
    expect(calibrateFromCounters([...answers].reverse(), FACTS)[0]!.profile).toEqual(fit!.profile);
  });

  it('give the same as answers to queries of one moment each', () => {
    const moments = readings.map((reading, i) => {
      const { data } = JSON.parse(rangeOf([reading], 'm')) as PrometheusAnswer;
      // A series is the same in whatever order its labels come.
      const labels = (metric: object) =>
        i % 2 === 0 ? metric : Object.fromEntries(Object.entries(metric).reverse());
      const result = data.result.map(({ metric, values: [value] }) => ({ metric: labels(metric), value }));
      return { file: `${i}.json`, text: JSON.stringify({ status: 'success', data: { result } }) };
    });
    expect(calibrateFromCounters(moments, FACTS)[0]!.profile).toEqual(fit!.profile);
  });

  it('give the same as what promtool prints of such an answer', () => {
    const { data } = JSON.parse(rangeOf(readings, 'm')) as PrometheusAnswer;
    const printed = { file: 'promtool.json', text: JSON.stringify(data.result) };
    expect(calibrateFromCounters([printed], FACTS)[0]!.profile).toEqual(fit!.profile);
  });

  it('give the same as pages that bear their times', () => {
    const stamped = pages.map(({ file, text }, i) => ({
      file,
      text: text.replace(/^(nv_\S+ \S+)$/gm, `$1 ${1_700_000_000_000 + i * 11_000}`),
    }));
    expect(stamped[1]!.text).toMatch(/ 1700000011000\n/);
    expect(calibrateFromCounters(stamped, FACTS)[0]!.profile).toEqual(fit!.profile);
  });

  it('give the same beside gauges of Prometheus that are no number at times', () => {
    const gauge = {
      metric: { __name__: 'nv_gpu_utilization', gpu_uuid: 'x' },
      values: readings.map(({ atS }, i) => [atS, ['NaN', '+Inf', '0.5'][i % 3]]),
    };
    const { data } = JSON.parse(rangeOf(readings, 'm'));
    const text = JSON.stringify({ data: { result: [...data.result, gauge] } });
    const [beside] = calibrateFromCounters([{ file: 'r.json', text }], FACTS);
    expect(beside!.profile).toEqual(fit!.profile);
  });

  it('leave out an interval in which a second server with a long past came in', () => {
    const past = Object.entries(readings[1]!.counters).map(([name, value]) => [name, 1000 * value] as const);
    const slow = past.map(([name, value]) => [name, name.includes('infer_duration') ? 9 * value : value]);
    const second = pageOf(Object.fromEntries(slow), 'm').replaceAll('}', ',pod="b"}');
    const joined = pages.map(({ file, text }, i) => ({ file, text: i < 3 ? text : `${text}${second}` }));
    const [again] = calibrateFromCounters(joined, FACTS);
    expect(again!.uncertain.join(' ')).toContain('1 intervals are left out');
    const { inferMs } = serviceTime(again!.profile, 2);
    expect(Math.abs(inferMs / 3 - 1)).toBeLessThan(0.03);
  });

  it('leave out an interval in which the server was started anew', () => {
    const [, first, second] = hours([300, 600]);
    const text = (counters: Record<string, number>) => ({ file: 'x', text: pageOf(counters, 'm') });
    const restarted = [...pages, text(sum([])), text(first!.counters), text(second!.counters)];
    const [again] = calibrateFromCounters(restarted, FACTS);
    expect(again!.uncertain.join(' ')).toContain('1 intervals are left out');
    const { inferMs } = serviceTime(again!.profile, 2);
    expect(Math.abs(inferMs / 3 - 1)).toBeLessThan(0.03);
  });
});

it('intervals of one load give one point and say that nothing is known of the batch', () => {
  const steady = hours([50, 50, 50]).map(({ counters }, i) => ({
    file: `${i}`,
    text: pageOf(counters, 'm'),
  }));
  const [fit] = calibrateFromCounters(steady, FACTS);
  expect(fit!.profile.service).toHaveLength(1);
  expect(fit!.uncertain.join(' ')).toContain('how service time depends on the batch is not known');
});

it('answers from the response cache are no executions, and what looking up and storing takes is no response', () => {
  const cached = readings.map(({ counters }, i) => {
    // Each hit takes 5 µs in the queue and 35 µs of looking up, each miss 20 µs of looking up and storing.
    const [hits, misses] = [1000 * i, counters['nv_inference_request_success']!];
    const more: Record<string, number> = {
      nv_inference_request_success: hits,
      nv_inference_request_duration_us: 40 * hits + 20 * misses,
      nv_inference_queue_duration_us: 5 * hits,
    };
    const all = Object.entries(counters).map(([name, value]) => [name, value + (more[name] ?? 0)] as const);
    const cache = {
      nv_cache_num_hits_per_model: hits,
      nv_cache_hit_duration_per_model: 35 * hits,
      nv_cache_miss_duration_per_model: 20 * misses,
    };
    return { file: `${i}`, text: pageOf({ ...Object.fromEntries(all), ...cache }, 'm') };
  });
  const [fit, plain] = [cached, pages].map((files) => calibrateFromCounters(files, FACTS)[0]!.profile);
  expect(fit!.service).toEqual(plain!.service);
  expect(fit!.response.fixedUs).toBeCloseTo(plain!.response.fixedUs, 6);
  expect(fit!.response.perRequestUs).toBeCloseTo(plain!.response.perRequestUs, 6);
});

it('two scrapes give what they can of a model alone, and how much of it beside another', () => {
  const [alone] = calibrateFromCounters(pages.slice(1, 3), FACTS);
  expect(alone!.profile).toMatchObject({
    frontEnd: { perRequestUs: 0 },
    interference: { pairs: [] },
    region: { maxUtilization: 0, maxInstances: 1, sharing: ['exclusive'] },
    load: { loadMs: 0, firstInferenceMs: 0 },
  });
  expect(alone!.uncertain).toContain('Utilization is not known: the scrapes bear no times.');
  expect(alone!.uncertain.join(' ')).not.toContain('other models');
  const both = pages.map(({ file, text }) => ({ file, text: text + text.replaceAll('"m"', '"n"') }));
  for (const { profile: fitted, uncertain } of calibrateFromCounters(both.slice(1, 3), FACTS)) {
    expect(fitted.region.sharing).toEqual(['streams']);
    expect(fitted.service).toEqual(alone!.profile.service);
    expect(uncertain).toContain('Service times include what the other models of the server cost it.');
  }
});

it('what a request takes besides its queue and its execution is its response', () => {
  // Each alone: 100 µs in the queue, 20 + 200 + 30 in its execution, 50 until it is done with.
  const counters = (requests: number) => ({
    nv_inference_request_success: requests,
    nv_inference_count: requests,
    nv_inference_exec_count: requests,
    nv_inference_request_duration_us: 400 * requests,
    nv_inference_queue_duration_us: 100 * requests,
    nv_inference_compute_input_duration_us: 20 * requests,
    nv_inference_compute_infer_duration_us: 200 * requests,
    nv_inference_compute_output_duration_us: 30 * requests,
  });
  const text = rangeOf(
    [0, 1000, 1400].map((requests, i) => ({ atS: 50 + i, counters: counters(requests) })),
    'm',
  );
  const [{ profile: fitted }] = calibrateFromCounters([{ file: 'r.json', text }], FACTS) as [TrafficFit];
  expect(fitted.service).toEqual([
    { batchSize: 1, inputMs: 0.02, inferMs: 0.2, outputMs: 0.03, executions: 1400, relativeError: 0 },
  ]);
  expect(fitted.response).toMatchObject({ fixedUs: 50, perRequestUs: 0 });
  // In the busier of the two seconds.
  expect(fitted.region.maxUtilization).toBeCloseTo(0.25, 9);
});

it('requests of four inferences fill a batch of 24 as single ones do a batch of 6', () => {
  const fitted = (each: number) => {
    const files = readings.map(({ counters }, i) => ({
      file: `${i}`,
      text: pageOf({ ...counters, nv_inference_count: each * counters['nv_inference_count']! }, 'm'),
    }));
    const configs = new Map([['m', config('m', 6 * each)]]);
    return calibrateFromCounters(files, { ...FACTS, configs })[0]!.profile;
  };
  const [one, four] = [fitted(1), fitted(4)];
  for (const requests of [1, 2, 4, 6]) {
    expect(serviceTime(four, 4 * requests).inferMs).toBeCloseTo(serviceTime(one, requests).inferMs, 9);
  }
});

it('an interval at rest, of requests that no execution ended in, or of executions that answered none says nothing', () => {
  const [whole] = calibrateFromCounters(pages, FACTS);
  const last = readings.at(-1)!.counters;
  const later = [
    {},
    { nv_inference_request_success: 3 },
    { nv_inference_request_success: 3, nv_inference_exec_count: 2 },
  ].map((more: Record<string, number>, i) => {
    const counters = Object.entries(last).map(([name, value]) => [name, value + (more[name] ?? 0)]);
    return { file: `later-${i}`, text: pageOf(Object.fromEntries(counters), 'm') };
  });
  expect(calibrateFromCounters([...pages, ...later], FACTS)[0]!.profile).toEqual(whole!.profile);
});

it('a model that was loaded between two scrapes is told by the later ones', () => {
  const before = { file: 'before', text: pageOf(readings[0]!.counters, 'other') };
  const [later] = calibrateFromCounters([before, ...pages.slice(1)], FACTS);
  expect(later).toEqual(calibrateFromCounters(pages.slice(1), FACTS)[0]);
});

it('versions of a model add up in the place that they share', () => {
  const both = pages.map(({ file, text }) => ({
    file,
    text: text + text.replaceAll('version="1"', 'version="2"'),
  }));
  const [one, two] = [pages, both].map((each) => calibrateFromCounters(each, FACTS, { intervalS: 110 })[0]!);
  const phases = ({ profile: { service } }: typeof one) =>
    service.map(({ executions: _, relativeError: __, ...rest }) => rest);
  expect(phases(two!)).toEqual(phases(one!));
  expect(two!.profile.region.maxUtilization).toBeCloseTo(2 * one!.profile.region.maxUtilization, 9);
});

it('two servers alike are each as busy as one', () => {
  const [one] = calibrateFromCounters(pages, FACTS, { intervalS: 11 });
  const both = pages.map(({ file, text }) => ({
    file,
    text: ['a', 'b'].map((pod) => text.replaceAll('}', `,pod="${pod}"}`)).join(''),
  }));
  const [two] = calibrateFromCounters(both, FACTS, { intervalS: 11 });
  expect(two!.profile.region.maxUtilization).toBeCloseTo(one!.profile.region.maxUtilization, 9);
});

it('the load time is that of one server, however many have loaded the model', () => {
  const loads = ['a', 'b', 'c'].map(
    (pod, i) => `nv_model_load_duration_secs{model="m",version="1",pod="${pod}"} ${4 + i}\n`,
  );
  const other = 'nv_model_load_duration_secs{model="other",version="1"} 99\n';
  const loaded = pages.map(({ file, text }) => ({ file, text: text + loads.join('') + other }));
  expect(calibrateFromCounters(loaded, FACTS)[0]!.profile.load.loadMs).toBe(6000);
});

it('a model of two instances was measured with two side by side, which the profile says', () => {
  const group = { name: 'm_0', kind: 'KIND_GPU', count: 2, gpus: [0], passive: false } as const;
  const configs = new Map([['m', { ...config('m', 6), instanceGroups: [group] }]]);
  const [fit] = calibrateFromCounters(pages, { ...FACTS, configs });
  expect(fit!.profile.region.maxInstances).toBe(2);
  expect(fit!.uncertain).toContain('Service times include what its instances cost each other.');
});
