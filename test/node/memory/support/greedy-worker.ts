/** Takes memory until it is stopped, or has 2 GB: objects on its heap, or columns beside it. */
export default function run(what: 'objects' | 'columns'): number {
  const taken: unknown[] = [];
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (let megabytes = 0; megabytes < 2000; megabytes += 20) {
    if (what === 'columns') {
      taken.push(new Float64Array(2.5e6).fill(1));
      // Slowly, so that few are taken between two looks.
      Atomics.wait(pause, 0, 0, 20);
    } else taken.push(Array.from({ length: 5e5 }, (_, i) => ({ i })));
  }
  return taken.length;
}
