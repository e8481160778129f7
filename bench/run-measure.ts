import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Measured, NotMeasured } from './measure.js';

export interface MeasureOptions {
  readonly name: string;
  readonly repeats: number;
  readonly requests: number;
  /** The checkout whose engine runs; default: this one. */
  readonly folder?: string | undefined;
  /** Ends the process. */
  readonly signal?: AbortSignal | undefined;
}

/** Runs one case in a process of its own; what that says on stderr is for people. */
export function runMeasure(options: MeasureOptions): Promise<Measured | NotMeasured> {
  const { name, repeats, requests, folder, signal } = options;
  const script = fileURLToPath(new URL('measure.ts', import.meta.url));
  const words = [name, String(repeats), String(requests), ...(folder === undefined ? [] : [folder])];
  const child = spawn(process.execPath, ['--import', 'tsx', '--max-old-space-size=8192', script, ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
    ...(signal !== undefined && { signal }),
  });
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
    child.once('error', reject);
    child.once('close', (code, by) => {
      if (code === 0) resolve(JSON.parse(text) as Measured | NotMeasured);
      else reject(new Error(`measuring "${name}" ended with ${by ?? `exit code ${code}`}`));
    });
  });
}
