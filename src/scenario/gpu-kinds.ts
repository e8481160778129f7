/**
 * Memory of GPUs in MiB, as `nvidia-smi` shows it (with ECC where it is on by default). A scenario
 * that says `memoryMb` is not bound to it; drivers differ by about a percent.
 */
const MEMORY_MB: readonly { readonly kind: RegExp; readonly memoryMb: number }[] = [
  { kind: /\bK80\b/i, memoryMb: 11_441 },
  { kind: /\bP4\b/i, memoryMb: 7_611 },
  { kind: /\bP100\b/i, memoryMb: 16_280 },
  { kind: /\bT4\b/i, memoryMb: 15_109 },
  { kind: /\bV100\b.*\b32GB\b/i, memoryMb: 32_510 },
  { kind: /\bV100\b/i, memoryMb: 16_160 },
  { kind: /\bL4\b/i, memoryMb: 23_034 },
  { kind: /\bA10G?\b/i, memoryMb: 22_731 },
  { kind: /\bA30\b/i, memoryMb: 24_258 },
  { kind: /\bA40\b/i, memoryMb: 45_634 },
  { kind: /\bA100\b.*\b80GB\b/i, memoryMb: 81_251 },
  { kind: /\bA100\b/i, memoryMb: 40_536 },
  { kind: /\bH100\b/i, memoryMb: 81_559 },
];

export function knownMemoryMb(kind: string): number | undefined {
  return MEMORY_MB.find((row) => row.kind.test(kind))?.memoryMb;
}
