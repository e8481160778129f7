import { describe, expect, it } from 'vitest';
import { spaceOf } from '../../src/cli/commands/tune/space-options.js';
import { listedNames } from '../../src/cli/listed-names.js';

describe('names with commas between them', () => {
  it('are told apart, with a comma of their own where a backslash stands before it', () => {
    expect(listedNames('--models', 'a, b c ,d\\,e')).toEqual(['a', 'b c', 'd,e']);
    expect(listedNames('--models', 'back\\slash')).toEqual(['back\\slash']);
  });

  it('are refused where one is empty or stands twice', () => {
    for (const text of ['', 'a,,b', 'a,b,a'])
      expect(() => listedNames('--models', text)).toThrow(/^--models: ".*" has an empty or repeated name/);
  });

  it('are the models that tune takes', async () => {
    const space = await spaceOf({ models: 'cats\\,dogs,cows', preferred: 'both' } as never);
    expect(space.models).toEqual(['cats,dogs', 'cows']);
  });
});
