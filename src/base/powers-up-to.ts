/** 1, 2, 4 … below `largest`, and `largest` itself; of less than 1 there is 1 only. */
export function powersUpTo(largest: number): number[] {
  const powers: number[] = [];
  for (let power = 1; power < largest; power *= 2) powers.push(power);
  return [...powers, Math.max(1, largest)];
}
