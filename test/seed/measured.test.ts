import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { measuredFiles, measuredFromLogs, passesOf, readMeasured } from '../../scripts/seed/measured.js';
import { readSetups } from '../../scripts/seed/setups.js';

const FOLDER = 'calibration/seed';
const SHARED = '../shared/data/seed';

describe('the measured figures of the seed', () => {
  const measured = readMeasured(FOLDER);

  it.skipIf(!existsSync(SHARED))('are what the tables in ../shared/data/seed give', () => {
    for (const [name, text] of measuredFiles(measuredFromLogs(SHARED))) {
      expect(readFileSync(`${FOLDER}/${name}`, 'utf8')).toBe(text);
    }
  });

  it('read and written again are the same bytes', () => {
    for (const [name, text] of measuredFiles(measured))
      expect(readFileSync(`${FOLDER}/${name}`, 'utf8')).toBe(text);
  });

  it('hold passes of every client that a set-up names', () => {
    for (const { test, clients } of readSetups(FOLDER).tests) {
      for (const { model } of clients)
        expect(passesOf(measured.passes, test, model).length).toBeGreaterThan(20);
    }
  });
});
