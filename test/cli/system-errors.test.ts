import { afterEach, expect, it, vi } from 'vitest';
import { printError } from '../../src/cli/errors.js';

afterEach(() => vi.restoreAllMocks());

it.each(['ENOSPC', 'EDQUOT', 'EFBIG', 'EROFS', 'EACCES'])(
  'a file that cannot be written (%s) is told in words, with what to do',
  (code) => {
    const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    printError(Object.assign(new Error(code), { code, syscall: 'write', path: 'out/m.profile.json' }));
    expect(write.mock.calls.join()).toMatch(/^perseus: out\/m\.profile\.json: [a-z][^;]+; [a-z]/);
    expect(write.mock.calls.join()).not.toContain(code);
  },
);
