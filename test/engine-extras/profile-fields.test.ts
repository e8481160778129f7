import { describe, expect, it } from 'vitest';
import { formatProblem, InputError } from '../../src/base/problem.js';
import { parseProfile, serializeProfile } from '../../src/profile/parse.js';
import { sampleProfile } from '../profile/samples.js';

const serving = {
  batcherWakeUs: 40,
  instanceWakeUs: 60,
  instancePickUpUs: 20,
  timerSlackUs: 70,
  batcherWinsShare: 0.4,
  requestDelayUs: 110,
  responseDelayUs: 90,
  generatorUs: 50,
};

/** Problems of the sample profile with these members, without their places. */
function problemsOf(parts: object): string[] {
  try {
    parseProfile(JSON.stringify({ ...sampleProfile(), ...parts }), { file: 'p.json' });
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    return (error as InputError).problems.map((problem) =>
      formatProblem(problem).replace(/^p\.json:\d+:\d+: /, ''),
    );
  }
}

describe('what further requests of an execution cost', () => {
  it('comes back as it was written, and may be left out', () => {
    const profile = sampleProfile({ perRequest: { inputUs: 5 } });
    expect(parseProfile(serializeProfile(profile))).toEqual(profile);
    expect(serializeProfile(sampleProfile())).not.toContain('perRequest"');
  });

  it('is a time that is not negative', () => {
    expect(problemsOf({ perRequest: { inputUs: -1 } })).toEqual([
      'perRequest.inputUs: -1 is out of range; write at least 0',
    ]);
    expect(problemsOf({ perRequest: {} })).toEqual(['perRequest.inputUs: missing; write a number']);
    expect(problemsOf({ perRequest: { inputUs: 1, outputUs: 1 } })).toEqual([
      expect.stringMatching(/^perRequest\.outputUs: unknown key `outputUs`/),
    ]);
  });
});

describe('how the server was measured to behave', () => {
  it('comes back as it was written, with and without the cores of its host', () => {
    for (const part of [serving, { ...serving, cpuCores: 2 }]) {
      const profile = sampleProfile({ serving: part });
      expect(parseProfile(serializeProfile(profile))).toEqual(profile);
    }
  });

  it('is whole or absent', () => {
    const { timerSlackUs: _, ...rest } = serving;
    expect(problemsOf({ serving: rest })).toEqual(['serving.timerSlackUs: missing; write a number']);
    expect(problemsOf({ serving: {} })).toHaveLength(Object.keys(serving).length);
  });

  it('has a share from 0 to 1, delays of at most a day, and some part of a core', () => {
    expect(
      problemsOf({ serving: { ...serving, batcherWinsShare: 1.2, batcherWakeUs: 1e12, cpuCores: 0 } }),
    ).toEqual([
      'serving.batcherWakeUs: 1000000000000 is out of range; write at most 86400000000',
      'serving.batcherWinsShare: 1.2 is out of range; write at most 1',
      'serving.cpuCores: 0 is out of range; write at least 0.1',
    ]);
  });

  it('is told of every mistake at once, and what a misspelt field is called', () => {
    expect(problemsOf({ serving: { ...serving, batcherWakeMs: 1, responseDelayUs: -3 } }).sort()).toEqual([
      expect.stringMatching(/^serving\.batcherWakeMs: unknown key `batcherWakeMs`/),
      'serving.responseDelayUs: -3 is out of range; write at least 0',
    ]);
  });
});
