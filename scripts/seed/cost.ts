import { type MachinePart, priceMachine } from '../../src/cost/machine-price.js';
import type { PriceBook } from '../../src/cost/price-book.js';
import { mostOf, type Throughputs } from './predict-frontier.js';

/** A frontier of one GPU and what it means for the cost of serving both models. */
export type SharingGain = Readonly<ReturnType<typeof sharingGain>>;

const PROVIDER = { provider: 'gcp', region: 'us-central1' } as const;

/** The seed's server with one GPU: n1-custom with 6 vCPU and 12 GiB. */
function parts(gpuSku: string, allowRecalled: boolean): readonly MachinePart[] {
  return [
    { ...PROVIDER, sku: gpuSku, allowRecalled },
    { ...PROVIDER, sku: 'n1-custom vCPU', count: 6 },
    { ...PROVIDER, sku: 'n1-custom GiB', count: 12 },
  ];
}

export interface GainQuestion {
  readonly name: string;
  readonly gpuSku: string;
  /** Take a price that was written down from memory. */
  readonly allowRecalled?: boolean;
  /** The two lone throughputs and the points between them. */
  readonly frontier: readonly Throughputs[];
}

/** What sharing one GPU saves at best, against dedicated machines. */
export function sharingGain(book: PriceBook, question: GainQuestion) {
  const { name, gpuSku, allowRecalled = false, frontier } = question;
  const machine = priceMachine(book, `n1-custom-6-12 + ${gpuSku}`, parts(gpuSku, allowRecalled));
  const perMillion = (perS: number) => (machine.usdPerHour / (perS * 3600)) * 1e6;
  const alone = mostOf(frontier);
  const machinesFor = (rates: Throughputs) =>
    rates.resnet50 / alone.resnet50 + rates['inception-v3'] / alone['inception-v3'];
  const best = frontier.reduce((a, b) => (machinesFor(b) > machinesFor(a) ? b : a));
  // That would serve the same on dedicated machines, by lone throughput and with fractions.
  const dedicatedMachines = machinesFor(best);
  const sharedUsd = perMillion(best.resnet50 + best['inception-v3']);
  return {
    name,
    usdPerHour: machine.usdPerHour,
    priceSource: machine.priceSource,
    /** Dollars per million inferences of a model that has the machine to itself. */
    aloneUsd: { resnet50: perMillion(alone.resnet50), 'inception-v3': perMillion(alone['inception-v3']) },
    /** The point that saves most. */
    best,
    costReductionPercent: 100 * (1 - 1 / dedicatedMachines),
    /** Dollars per million inferences of the mix at that point, shared and dedicated. */
    sharedUsd,
    dedicatedUsd: sharedUsd * dedicatedMachines,
  };
}
