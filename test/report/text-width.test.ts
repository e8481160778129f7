import { expect, it } from 'vitest';
import { pad, truncate, widthOf } from '../../src/report/text/width.js';

it.each([
  ['resnet50', 8],
  ['中文', 4],
  ['e\u0301', 1],
  ['⚠️', 2],
  ['✅', 2],
  ['🇩🇪', 2],
  ['👩‍💻', 2],
])('%s takes %i columns in a terminal', (text, columns) => {
  expect(widthOf(text)).toBe(columns);
  expect(widthOf(pad(text, 10, 'right'))).toBe(10);
});

it('a text is cut between characters, never inside one', () => {
  expect(truncate('ok 🇩🇪🇫🇷', 6)).toBe('ok 🇩🇪…');
  expect(truncate('e\u0301e\u0301e\u0301', 2)).toBe('e\u0301…');
});
