import { describe, expect, it } from 'vitest';
import { formatProblem, InputError } from '../../src/base/problem.js';
import { parseProfile, parseServerProfile, serializeProfile } from '../../src/profile/parse.js';
import { sampleProfile, writtenAndRead } from '../profile/samples.js';

const threads = {
  batcherWakeUs: 40,
  instanceWakeUs: 60,
  instancePickUpUs: 20,
  timerSlackUs: 70,
  batcherWinsShare: 0.4,
};
const served = { requestDelayUs: 110, responseDelayUs: 90, generatorUs: 50 };
const serving = { ...threads, ...served };

/** Problems of the sample profile with these members, without their places. */
function problemsOf(parts: object): string[] {
  return problemsIn(() => parseProfile(JSON.stringify({ ...sampleProfile(), ...parts }), { file: 'p.json' }));
}

function problemsOfServer(facts: object): string[] {
  const text = JSON.stringify({ format: 'perseus-server/1', ...facts });
  return problemsIn(() => parseServerProfile(text, { file: 'p.json' }));
}

function problemsIn(read: () => unknown): string[] {
  try {
    read();
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
      expect(writtenAndRead(profile)).toEqual(profile);
    }
  });

  it('is whole or absent', () => {
    const { generatorUs: _, ...own } = served;
    expect(problemsOf({ serving: own })).toEqual(['serving.generatorUs: missing; write a number']);
    expect(problemsOf({ serving: {} })).toHaveLength(Object.keys(served).length);
    const { timerSlackUs: _t, ...rest } = threads;
    expect(problemsOfServer(rest)).toEqual(['timerSlackUs: missing; write a number']);
  });

  it('stands in the server profile alone, and an older profile says what to write there', () => {
    expect(problemsOf({ serving: { ...served, batcherWakeUs: 40, cpuCores: 2 } })).toEqual([
      'serving: holds facts of the server: batcherWakeUs, cpuCores; move them to server.json, once for all profiles of the folder: {"format":"perseus-server/1","batcherWakeUs":40,"cpuCores":2}',
    ]);
  });

  it('has a share from 0 to 1, delays of at most a day, and some part of a core', () => {
    expect(problemsOfServer({ ...threads, batcherWinsShare: 1.2, batcherWakeUs: 1e12, cpuCores: 0 })).toEqual(
      [
        'batcherWakeUs: 1000000000000 is out of range; write at most 86400000000',
        'batcherWinsShare: 1.2 is out of range; write at most 1',
        'cpuCores: 0 is out of range; write at least 0.1',
      ],
    );
  });

  it('is told of every mistake at once, and what a misspelt field is called', () => {
    expect(problemsOf({ serving: { ...served, generatorMs: 1, responseDelayUs: -3 } }).sort()).toEqual([
      expect.stringMatching(/^serving\.generatorMs: unknown key `generatorMs`/),
      'serving.responseDelayUs: -3 is out of range; write at least 0',
    ]);
  });
});
