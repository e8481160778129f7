import { throttle } from './throttle.js';

/** Progress through many points, for people. */
export interface PointProgress {
  /** `found`: of those done, the ones that took no time. */
  update(progress: Progress): void;
  /** Leaves the cursor on a line of its own. */
  stop(): void;
}

export interface Progress {
  readonly done: number;
  readonly found: number;
  readonly total: number;
}

/** On a terminal the line is written over and over; elsewhere each stays, so they are few. */
const EVERY_MS = { terminal: 200, elsewhere: 5000 };

/**
 * Shows on stderr how far something is and how long it will take.
 * @param unit what is counted, in the plural
 * @param quietMs what is done within this time is not worth a line
 */
export function pointProgress(unit: string, quietMs = 0): PointProgress {
  const isTerminal = process.stderr.isTTY === true;
  const started = performance.now();
  const isTime = throttle(isTerminal ? EVERY_MS.terminal : EVERY_MS.elsewhere, quietMs);
  let isOpen = false;
  const show = (progress: Progress) => {
    const line = progressLine(progress, unit, (performance.now() - started) / 1000);
    process.stderr.write(isTerminal ? `\r\x1b[K${line}` : `${line}\n`);
    isOpen = isTerminal;
  };
  return {
    update(progress) {
      if (isTime()) show(progress);
    },
    stop() {
      if (isOpen) process.stderr.write('\r\x1b[K');
      isOpen = false;
    },
  };
}

/** `12 of 42 scenarios (5 from earlier), 1m 20s to go` */
export function progressLine({ done, found, total }: Progress, unit: string, seconds: number): string {
  const earlier = found > 0 ? ` (${found} from earlier)` : '';
  const fresh = done - found;
  const left = fresh > 0 && done < total ? `, ${duration((seconds / fresh) * (total - done))} to go` : '';
  return `${done} of ${total} ${unit}${earlier}${left}`;
}

function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole}s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes}m ${whole % 60}s`;
  return `${Math.floor(minutes / 60)}h ${minutes % 60}m`;
}
