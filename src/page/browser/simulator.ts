import type { CarriedScenario, ScenarioData } from '../carried.js';
import { type Answered, GLANCE_REQUESTS } from '../simulate-carried.js';
import type { Asked, Told } from './protocol.js';
import SimulationWorker from './worker.js?worker&inline';

type Files = Omit<CarriedScenario, 'spec'>;

/** Who goes on changing things within this time waits for no whole run, and none takes a processor from the drawing. */
const PAUSE_MS = 100;

/** From 280 ms to 140 to 40 in Node. */
const WARM_UP_RUNS = 2;
const NOBODY = -1;

/**
 * Answers what was asked last, twice: from a short window at once, then from the whole scenario. A run in flight is
 * given up as soon as something else is asked, with the thread that it is on.
 */
export class Simulator {
  readonly #answered: (answer: Told['answer']) => void;
  #files: Files;
  #glance: Worker;
  /** Absent from when one was ended to when another is needed. */
  #whole: Worker | undefined;
  #pause: ReturnType<typeof setTimeout> | undefined;
  #id = 0;
  #isWholeBusy = false;
  #isGlanceBusy = false;
  #waiting: ScenarioData | undefined;
  /** The last one, of which there is nothing more to say while the files are the same. */
  #asked: ScenarioData | undefined;

  constructor(files: Files, answered: (answer: Told['answer']) => void) {
    this.#files = files;
    this.#answered = answered;
    this.#glance = this.#hire();
  }

  /** Takes other files; what is asked next names them. */
  take(files: Files): void {
    this.#files = files;
    this.#asked = undefined;
    for (const worker of [this.#glance, this.#whole]) worker?.postMessage(filesOf(files));
  }

  /** Simulates short windows that nobody is told of: a thread that did so before is many times as fast. */
  warmUp(spec: ScenarioData): void {
    const asked: Asked = { kind: 'simulate', id: NOBODY, spec, mostRequests: GLANCE_REQUESTS };
    for (let run = 0; run < WARM_UP_RUNS; run++) this.#glance.postMessage(asked);
  }

  ask(spec: ScenarioData): void {
    if (spec === this.#asked) return;
    this.#asked = spec;
    this.#id++;
    this.#giveUpWhole();
    if (this.#isGlanceBusy) {
      this.#waiting = spec;
      return;
    }
    this.#isGlanceBusy = true;
    this.#send(this.#glance, spec, GLANCE_REQUESTS);
  }

  #glanced(id: number, answer: Told['answer'], spec: ScenarioData): void {
    this.#isGlanceBusy = false;
    this.#answered(answer);
    const next = this.#waiting;
    this.#waiting = undefined;
    if (next !== undefined) {
      this.#asked = undefined;
      this.ask(next);
    } else if (id === this.#id && isWindow(answer)) {
      this.#pause = setTimeout(() => {
        this.#isWholeBusy = true;
        this.#whole ??= this.#hire();
        this.#send(this.#whole, spec);
      }, PAUSE_MS);
    }
  }

  #send(worker: Worker, spec: ScenarioData, mostRequests?: number): void {
    const id = this.#id;
    worker.onmessage = ({ data }: MessageEvent<Told>) => {
      if (data.id !== id) return;
      if (worker === this.#glance) {
        this.#glanced(id, data.answer, spec);
      } else {
        this.#isWholeBusy = false;
        this.#answered(data.answer);
      }
    };
    const asked: Asked = { kind: 'simulate', id, spec, ...(mostRequests !== undefined && { mostRequests }) };
    worker.postMessage(asked);
  }

  /** A thread that simulates hears nothing, so it is ended. */
  #giveUpWhole(): void {
    clearTimeout(this.#pause);
    if (!this.#isWholeBusy) return;
    this.#whole?.terminate();
    this.#whole = undefined;
    this.#isWholeBusy = false;
  }

  #hire(): Worker {
    const worker = new SimulationWorker();
    worker.postMessage(filesOf(this.#files));
    return worker;
  }
}

function filesOf(files: Files): Asked {
  return { kind: 'files', files };
}

function isWindow(answer: Answered | { readonly failure: string }): boolean {
  return 'report' in answer && !answer.isWhole;
}
