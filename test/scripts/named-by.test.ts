import { expect, it } from 'vitest';
import { namedBy } from '../../scripts/support/script-options.js';

const asked = { option: 'only', kind: 'server' };

it('what an option names by a part of its name is found, and all by an empty text', () => {
  expect(namedBy({ ...asked, text: 'w' }, ['one', 'two'], String)).toEqual(['two']);
  expect(namedBy({ ...asked, text: '' }, ['one', 'two'], String)).toEqual(['one', 'two']);
});

it('a text that no name has is refused, with a name that there is', () => {
  expect(() => namedBy({ ...asked, text: 'three' }, ['one', 'two'], String)).toThrow(
    '--only: no server is called "three"; give a part of one, for example',
  );
});
