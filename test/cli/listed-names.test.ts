import { describe, expect, it } from 'vitest';
import { spaceOf } from '../../src/cli/commands/tune/space-options.js';
import { namesBetweenCommas } from '../../src/cli/listed-names.js';

describe('names with commas between them', () => {
  it('are told apart, with a comma of their own where a backslash stands before it', () => {
    expect(namesBetweenCommas('a, b c ,d\\,e')).toEqual(['a', 'b c', 'd,e']);
    expect(namesBetweenCommas('a,,b')).toEqual(['a', '', 'b']);
    expect(namesBetweenCommas('back\\slash')).toEqual(['back\\slash']);
  });

  it('are the models that tune takes', async () => {
    const space = await spaceOf({ models: 'cats\\,dogs,cows', preferred: 'both' } as never);
    expect(space.models).toEqual(['cats,dogs', 'cows']);
  });
});
