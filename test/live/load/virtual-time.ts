import { assembleRun } from '../../../src/live/load/assemble-run.js';
import { checkOptions } from '../../../src/live/load/check-options.js';
import { drive } from '../../../src/live/load/drive.js';
import type { LoadOptions, LoadResult } from '../../../src/live/load/load-options.js';
import type { PacerFactory } from '../../../src/live/load/pacer.js';
import { planTenants } from '../../../src/live/load/plan.js';
import { driveSettings } from '../../../src/live/load/run-load.js';

/** A clock that jumps from one thing to the next; things at one time happen in the order in which they were asked for. */
export class VirtualTime {
  nowUs = 0;
  #events: { atUs: number; number: number; run: () => void }[] = [];
  #number = 0;

  at(atUs: number, run: () => void): void {
    this.#events.push({ atUs: Math.max(atUs, this.nowUs), number: this.#number++, run });
  }

  /** Lets everything happen until nothing is left, or `untilUs`. */
  run(untilUs = Infinity): void {
    for (;;) {
      this.#events.sort((a, b) => a.atUs - b.atUs || a.number - b.number);
      const next = this.#events[0];
      if (next === undefined || next.atUs > untilUs) return;
      this.#events.shift();
      this.nowUs = next.atUs;
      next.run();
    }
  }

  /** A pacer on this time that wakes the generator `latenessUs` after it asked. */
  pacer(latenessUs: (atUs: number) => number = () => 0): PacerFactory {
    return (wake) => {
      let wanted = 0;
      return {
        nowUs: () => this.nowUs,
        wakeAt: (atUs) => {
          const mine = ++wanted;
          if (atUs === Infinity) return;
          this.at(Math.max(atUs, this.nowUs) + latenessUs(atUs), () => {
            if (mine === wanted) wake();
          });
        },
        close: () => {
          wanted++;
        },
      };
    };
  }
}

/** Runs a load to its end in virtual time. */
export async function runVirtually(
  time: VirtualTime,
  options: LoadOptions,
  latenessUs?: (atUs: number) => number,
): Promise<LoadResult> {
  checkOptions(options);
  const done = drive({
    ...driveSettings(options),
    plans: planTenants(options),
    clients: options.servers.map(({ client }) => client),
    pacer: time.pacer(latenessUs),
  });
  time.run();
  return assembleRun(options, [await done], { count: 0, longestMs: 0, totalMs: 0 });
}
