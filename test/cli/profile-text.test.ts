import { describe, expect, it } from 'vitest';
import { describeProfile } from '../../src/profile/describe.js';
import type { ModelProfile } from '../../src/profile/profile.js';
import { profileCheckToText, profilesToJson, profilesToText } from '../../src/report/profile-text.js';
import { widthOf } from '../../src/report/text/width.js';
import { sampleProfile } from '../profile/samples.js';

const described = (parts: Partial<ModelProfile> = {}) => ({
  file: 'a.profile.json',
  description: describeProfile(sampleProfile(parts)),
});

describe('the text of a profile', () => {
  const text = profilesToText([described()]);

  it('has provenance, service times with throughput, spread, slowdown and region', () => {
    expect(text).toMatch(/^ {2}licence +CC0-1\.0$/m);
    // (0.8 + 10 + 0.3) ms and 10 + 8 × 20 us of responses.
    expect(text).toMatch(/^ +8 +0\.80 +10\.0 +0\.30 +11\.1 +710$/m);
    expect(text).toMatch(/^lognormal, CV 0\.10: p50 0\.995, p95 1\.1\d\d, p99 1\.2\d\d times the mean$/m);
    expect(text).toMatch(/^- itself: 1\.80 times\n- bert: 2\.50 times$/m);
    expect(text).toContain('- device busy up to 80 % of the time, up to 2 instances side by side');
    expect(text).toMatch(/^- request payload \(bytes per inference\): 602,112$/m);
    expect(text).not.toContain('Remarks');
  });

  it('says what is not known', () => {
    const bare = profilesToText([
      described({
        interference: { pairs: [] },
        spread: { law: 'none' },
        memory: { modelMb: 0, perInstanceMb: 0, known: false },
      }),
    ]);
    expect(bare).toContain('on the device\nnot measured\n');
    expect(bare).toContain('none: every execution takes its mean');
    expect(bare).toMatch(/^Remarks\n- its device memory is not known/m);
  });

  it.each([60, 80, 120])('keeps to %d columns, long notes and names too', (width) => {
    const notes = 'many words '.repeat(50);
    const long = described({ model: 'm'.repeat(150), provenance: { ...sampleProfile().provenance, notes } });
    for (const profiles of [[long], [long, described()]]) {
      for (const line of profilesToText(profiles, { width }).split('\n')) {
        expect(widthOf(line)).toBeLessThanOrEqual(width);
      }
    }
  });

  it('does not let a name move the cursor', () => {
    const evil = described({
      model: 'a\u001b[2J',
      provenance: { ...sampleProfile().provenance, source: 'b\r' },
    });
    expect(profilesToText([evil])).not.toMatch(/[^\P{Cc}\n]/u);
  });
});

it('the JSON of a profile names every cost', () => {
  const { profiles } = JSON.parse(profilesToJson([described()]));
  expect(profiles[0].interference).toEqual([
    { beside: 'itself', slowdown: 1.8 },
    { beside: 'bert', slowdown: 2.5 },
  ]);
  expect(profiles[0].provenance.GPU).toBe('NVIDIA T4');
  expect(profiles[0].otherCosts['load (ms)']).toBe(3000);
});

it('a check tells a remark on many profiles once', () => {
  const checked = (file: string, ...remarks: string[]) => ({ file, name: 'm@d', remarks });
  const text = profileCheckToText([
    checked('a', 'no memory'),
    checked('b', 'no memory', 'odd'),
    checked('c'),
  ]);
  expect(text).toBe('3 profiles are valid; remarks:\n- 2 profiles, such as a: no memory\n- b: odd\n');
});
