import { type MachinePart, priceMachine } from '../../src/cost/machine-price.js';
import type { PriceBook } from '../../src/cost/price-book.js';
import { mostOf, type Throughputs } from './predict-frontier.js';

/** A frontier of one GPU and what it means for the cost of serving both models. */
export interface SharingGain {
  readonly name: string;
  readonly usdPerHour: number;
  readonly priceSource: string;
  /** Dollars per million inferences of a model that has the machine to itself. */
  readonly aloneUsd: Throughputs;
  /** The point that saves most. */
  readonly best: Throughputs;
  /** Machines that would serve the same on dedicated machines, by lone throughput and with fractions. */
  readonly dedicatedMachines: number;
  readonly costReductionPercent: number;
  /** Dollars per million inferences of the mix at that point, shared and dedicated. */
  readonly sharedUsd: number;
  readonly dedicatedUsd: number;
}

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
export function sharingGain(book: PriceBook, question: GainQuestion): SharingGain {
  const { name, gpuSku, allowRecalled = false, frontier } = question;
  const machine = priceMachine(book, `n1-custom-6-12 + ${gpuSku}`, parts(gpuSku, allowRecalled));
  const perMillion = (perS: number) => (machine.usdPerHour / (perS * 3600)) * 1e6;
  const alone = mostOf(frontier);
  const machinesFor = (rates: Throughputs) =>
    rates.resnet50 / alone.resnet50 + rates['inception-v3'] / alone['inception-v3'];
  const best = frontier.reduce((a, b) => (machinesFor(b) > machinesFor(a) ? b : a));
  const dedicatedMachines = machinesFor(best);
  const sharedUsd = perMillion(best.resnet50 + best['inception-v3']);
  return {
    name,
    usdPerHour: machine.usdPerHour,
    priceSource: machine.priceSource,
    aloneUsd: { resnet50: perMillion(alone.resnet50), 'inception-v3': perMillion(alone['inception-v3']) },
    best,
    dedicatedMachines,
    costReductionPercent: 100 * (1 - 1 / dedicatedMachines),
    sharedUsd,
    dedicatedUsd: sharedUsd * dedicatedMachines,
  };
}
