import { describe, expect, it } from 'vitest';
import { knownMemoryMb } from '../../src/scenario/gpu-kinds.js';

describe('the memory of a kind of GPU', () => {
  it('is known of an A10G, as AWS rents the A10, and not of one that only begins like another', () => {
    expect(knownMemoryMb('A10G')).toBe(knownMemoryMb('A10'));
    expect(knownMemoryMb('NVIDIA A10G')).toBe(knownMemoryMb('A10'));
    expect(knownMemoryMb('A1000')).toBeUndefined();
  });
});
