import type { ResponseLaw } from '../../../scenario/scenario.js';
import { type Execution, Phase, rowAt } from './execution.js';

/** What leaves while an execution infers, and how long after the inference began at full speed, nanoseconds. */
export interface EarlyResponse {
  readonly atNs: number;
  readonly position: number;
  /** It is the last one of its request, which has ended. */
  readonly isEnd: boolean;
}

/** What is known of a request before its execution is over. */
interface Request {
  /** Inferences. */
  readonly size: number;
  /** How many responses it gets, where somebody hears of each. */
  readonly heard: number | undefined;
}

/** Halfway between a batch that takes no longer than one request and one that takes its requests one after the other: the nearer is taken. */
const IN_TURN_SHARE = 0.5;

/**
 * What the `execute` of a decoupled model sends before it returns (python_backend r24.10: a response sender's response is on its way
 * when `send` returns, the instance stays occupied until `execute` does). Where larger batches take as much longer as their responses
 * do, requests of a batch are taken one after the other; else their responses leave together, at the end. The last request ends
 * with the execution.
 * @param requestOf the request at a position of the batcher's order
 */
export function earlyResponses(
  { served, from, to, instance, phaseNs }: Execution,
  { firstUs, gapUs }: ResponseLaw,
  requestOf: (row: number) => Request,
): EarlyResponse[] {
  const wholeNs = phaseNs[Phase.infer];
  const spanNs = -firstUs * 1000;
  const requests = Array.from({ length: to - from }, (_, i) => requestOf(rowAt(served, from + i)));
  let batch = 0;
  const plainNs = requests.map(({ size }) => {
    batch += size;
    return served.run.inferenceNs(instance, batch);
  });
  const [firstNs, lastNs] = [plainNs[0]!, plainNs.at(-1)!];
  const areInTurn = lastNs - firstNs >= IN_TURN_SHARE * spanNs * (requests.length - 1);
  const early: EarlyResponse[] = [];
  for (const [i, { heard = 0 }] of requests.entries()) {
    const endNs = areInTurn && lastNs > 0 ? (wholeNs * plainNs[i]!) / lastNs : wholeNs;
    const position = from + i;
    for (let number = 0; number < heard; number++) {
      const atNs = Math.max(0, endNs - spanNs) + number * gapUs * 1000;
      if (atNs < endNs) early.push({ atNs, position, isEnd: false });
    }
    if (endNs < wholeNs) early.push({ atNs: endNs, position, isEnd: true });
  }
  return early.sort((a, b) => a.atNs - b.atNs);
}
