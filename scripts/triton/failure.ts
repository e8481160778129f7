/** Something that stops the work and is no mistake of ours: one line each of what is wrong and what to do. */
export class TritonFailure extends Error {
  constructor(...lines: readonly string[]) {
    super(lines.join('\n'));
    this.name = 'TritonFailure';
  }
}
