import { describe, expect, it } from 'vitest';
import { fillTemplate } from '../../../src/scenario/repository/templates.js';

const fill = (text: string, values: Record<string, string> = {}) =>
  fillTemplate(text, new Map(Object.entries(values)));

describe('a template', () => {
  it('is filled within quotes and outside of them, as often as a name occurs', () => {
    const { text, missing } = fill(`a: \${x}\nb: "\${y}/\${x}"`, { x: '4', y: '/models' });
    expect({ text, missing }).toEqual({ text: 'a: 4\nb: "/models/4"', missing: [] });
  });

  it('keeps what a comment holds, and takes a hash within quotes for a part of the text', () => {
    const { text, names } = fill(`a: "#\\"\${x}" # \${y}\n# \${z}`, { x: '1', y: '2', z: '3' });
    expect(text).toBe(`a: "#\\"1" # \${y}\n# \${z}`);
    expect([...names]).toEqual(['x']);
  });

  it('says where names without a value stand in the text that can be looked at', () => {
    const { text, missing } = fill(`a: \${longer_name} b: \${x}\nc: \${x}`, {});
    expect(text).toBe('a: 0 b: 0\nc: 0');
    expect(missing).toEqual([
      { name: 'longer_name', line: 1, column: 4 },
      { name: 'x', line: 1, column: 9 },
      { name: 'x', line: 2, column: 4 },
    ]);
  });

  it('may have names without braces, which within quotes stay as they are without a value', () => {
    const text = 'name: "$model"\nmax_batch_size: $size\nkey: "$$model $other"';
    expect(fill(text, { model: 'm' })).toMatchObject({
      text: 'name: "m"\nmax_batch_size: 0\nkey: "$$model $other"',
      missing: [{ name: 'size', line: 2, column: 17 }],
    });
  });

  it('takes nothing for a placeholder that has no name in braces', () => {
    const text = `a: "$$HOME \${} \${1} $x"`;
    expect(fill(text, {})).toMatchObject({ text, missing: [] });
  });
});
