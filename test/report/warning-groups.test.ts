import { describe, expect, it } from 'vitest';
import type { Warning } from '../../src/base/warning.js';
import { warningsBlock } from '../../src/report/text/warnings-block.js';

const WIDE = 500;

function interpolated(model: string, sizes: string): Warning {
  const subject = `${model} on Tesla T4`;
  const text = `batches of ${sizes} were not measured; their service time is interpolated between 1, 8`;
  return { code: 'interpolated-batch-size', subject, message: `${subject}: ${text}` };
}

function busy(model: string): Warning {
  const subject = `${model} on Tesla T4`;
  return {
    code: 'outside-profile-region',
    subject,
    message: `${subject}: something is busy 97.1 % of the time`,
  };
}

describe('warnings in a text', () => {
  it('that say the same of many models are one that names the first, and how many there are', () => {
    const many = ['a', 'b', 'c', 'd', 'e'].map((model, i) => interpolated(model, `2-${i + 3}, 7`));
    expect(warningsBlock(many, WIDE)).toEqual([
      'Warnings (5)',
      '- a on Tesla T4, b on Tesla T4, c on Tesla T4 and 2 more (interpolated-batch-size), the first of 5: Batches of 2-3, 7 were not measured; their service time is interpolated between 1, 8. Fine between close points; measure the batch sizes named if the tail matters.',
    ]);
  });

  it('name the other models that each speaks of, and are one all the same', () => {
    const models = ['resnet', 'bert', 'vgg'];
    const slowed = models.map((model): Warning => {
      const others = models.filter((other) => other !== model || model === 'vgg').join(', ');
      const subject = `${model} on Tesla T4`;
      const text = `its slowdown beside ${others} was not measured and is assumed to be 2 (fair halves)`;
      return { code: 'assumed-slowdown', subject, message: `${subject}: ${text}` };
    });
    expect(warningsBlock(slowed, WIDE)).toHaveLength(2);
  });

  it('stand each for itself where there are two, unless they are the same', () => {
    expect(warningsBlock([interpolated('a', '3'), interpolated('b', '4')], WIDE)).toHaveLength(3);
    expect(warningsBlock([busy('a'), busy('b')], WIDE)[1]).toMatch(
      /^- a on Tesla T4, b on Tesla T4 \(outside-profile-region\): Something is busy/,
    );
  });

  it('of different things stay apart, in their order', () => {
    const all = [interpolated('a', '3'), busy('a'), interpolated('b', '4'), interpolated('c', '5')];
    expect(warningsBlock(all, WIDE).map((line) => line.slice(0, 20))).toEqual([
      'Warnings (4)',
      '- a on Tesla T4, b o',
      '- a on Tesla T4 (out',
    ]);
  });

  it('that are not written out are counted one by one', () => {
    const apart = Array.from({ length: 25 }, (_, i): Warning => {
      const word = String.fromCharCode(97 + i).repeat(3);
      return { code: 'assumed-parameter', subject: 'x', message: `x: ${word}` };
    });
    const all = [...apart, { ...apart[24]!, subject: 'y', message: 'y: yyy' }];
    expect(warningsBlock(all, WIDE).at(-1)).toBe('- and 6 more; --json and --html have them all.');
  });
});
