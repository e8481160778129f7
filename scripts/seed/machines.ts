import { median } from 'simple-statistics';
import { InputError } from '../../src/base/problem.js';
import { constantsOn, FITTED_ON, type FrontierModel, type Gpus, type Peak, peakOf } from './peaks.js';
import { type SharedServer, saturatedBeside, type Throughputs } from './predict-frontier.js';
import type { Profiles } from './predict-tests.js';
import { type Fitted, lonePeakProfile, p4Profile } from './profiles.js';
import type { FigureSetup, Host, Setups, TestSetup } from './setups.js';

/** What predictions go by. */
export interface Known {
  readonly fitted: Fitted;
  /** Of the tests that constants are fitted on: what models take. */
  readonly calibration: Setups;
  /** Of what is predicted; figures and hosts that it does not have are those of the calibration. */
  readonly setups: Setups;
  readonly peaks: readonly Peak[];
  /** What each peak says of the host that it was measured on. */
  readonly hostEstimates: readonly HostEstimate[];
}

/** How many threads run at full speed on a host if this peak is to come out. */
interface HostEstimate {
  readonly host: string;
  readonly peak: Peak;
  readonly threads: number;
}

/** What is known from a fit, with each host that is to be fitted. */
export function knownFrom(known: Omit<Known, 'hostEstimates'>): Known {
  const hostEstimates = figuresOf(known.setups).flatMap((figure) => {
    const { host } = figure;
    if (host === undefined) return [];
    const own = known.peaks.filter(({ gpu, gpus }) => gpu === figure.gpu && gpus === figure.gpus);
    return own.map((peak) => ({ host, peak, threads: threadsFor(peak, host, known) }));
  });
  return { ...known, hostEstimates };
}

/** The calibration's figures and hosts where a folder says nothing of its own. */
export function withFigures(setups: Setups, calibration: Setups): Setups {
  return {
    ...setups,
    hosts: { ...calibration.hosts, ...setups.hosts },
    figures: [
      ...figuresOf(setups),
      ...figuresOf(calibration).filter((figure) => findFigure(setups, figure) === undefined),
    ],
  };
}

function figuresOf({ figures = [] }: Setups): readonly FigureSetup[] {
  return figures;
}

function findFigure(setups: Setups, { gpu, gpus }: Gpus): FigureSetup | undefined {
  return figuresOf(setups).find((figure) => figure.gpu === gpu && figure.gpus === gpus);
}

/** The peak of a model with these GPUs, whatever it is. */
export type PeakName = Omit<Peak, 'perS'>;

/** The server of a line of the figure, and what it is without a peak that it has to predict. */
export function serverOf(gpus: Gpus, known: Known, except?: PeakName): SharedServer {
  const peaks = known.peaks.filter((peak) => !isPeak(peak, except));
  const name = findFigure(known.setups, gpus)?.host;
  const host = name === undefined ? known.setups.host : fittedHost(name, known, except);
  return {
    gpus: gpus.gpus,
    profiles: profilesOn(gpus, { ...known, peaks }),
    setups: { ...known.setups, host },
  };
}

/** What models cost on these GPUs. */
export function profilesOn(
  gpus: Gpus,
  { fitted, calibration, peaks }: Pick<Known, 'fitted' | 'calibration' | 'peaks'>,
): Profiles {
  const constants = constantsOn(gpus, fitted, peaks);
  const profile = (model: string) =>
    gpus.gpu === FITTED_ON
      ? p4Profile(model, constants, calibration)
      : lonePeakProfile(model, constants, calibration, gpus.gpu);
  return new Map([...fitted.models.keys()].map((model) => [model, profile(model)]));
}

/** Profiles and host of a test. */
export function machineOf(test: TestSetup, known: Known): Pick<SharedServer, 'profiles' | 'setups'> {
  const gpu = test.gpuKind ?? FITTED_ON;
  // Each client's: two clients on one GPU each are no figure with two.
  const gpus = Math.max(...test.clients.map((client) => client.gpus.length));
  // In the tests themselves several GPUs are what constants were fitted on.
  const profiles = profilesOn(gpu === FITTED_ON ? { gpu, gpus: 2 } : { gpu, gpus }, known);
  const name = test.host ?? (gpus > 1 ? findFigure(known.setups, { gpu, gpus })?.host : undefined);
  const host = name === undefined ? known.setups.host : fittedHost(name, known);
  return { profiles, setups: { ...known.setups, host } };
}

/** A host with the median of what its peaks say; without any it is like that of the tests. */
export function fittedHost(name: string, known: Known, except?: PeakName): Host {
  const host = hostNamed(name, known.setups);
  const threads = known.hostEstimates
    .filter((estimate) => estimate.host === name && !isPeak(estimate.peak, except))
    .map((estimate) => estimate.threads);
  const threadsAtFullSpeed =
    threads.length === 0 ? known.setups.host.threadsAtFullSpeed : Number(median(threads).toFixed(2));
  return { ...host, threadsAtFullSpeed };
}

function hostNamed(name: string, { hosts }: Setups) {
  const host = hosts?.[name];
  if (host !== undefined) return host;
  throw InputError.of(`there is no host "${name}"`, 'add it to hosts of setups.json, or name one of them');
}

function isPeak(peak: Peak, name: PeakName | undefined): boolean {
  return peak.gpu === name?.gpu && peak.gpus === name.gpus && peak.model === name.model;
}

/** Halvings of the range in which threads are looked for: to a hundredth and better. */
const HALVINGS = 9;

/**
 * Threads at full speed with which a peak comes out, between one for each core and one for each vCPU. A peak that the
 * host does not limit says: all of them.
 */
function threadsFor(peak: Peak, name: string, known: Omit<Known, 'hostEstimates'>): number {
  const rest = hostNamed(name, known.setups);
  const profiles = profilesOn(peak, known);
  const perS = (threadsAtFullSpeed: number) => {
    const setups = { ...known.setups, host: { ...rest, threadsAtFullSpeed } };
    return saturatedBeside(peak.model, 0, { gpus: peak.gpus, profiles, setups })[peak.model];
  };
  let low = rest.vcpus / 2;
  let high = rest.vcpus;
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2;
    if (perS(middle) < peak.perS) low = middle;
    else high = middle;
  }
  return Number(high.toFixed(2));
}

/** What each model completes alone there: as measured, or else as predicted. */
export function aloneOn(gpus: Gpus, server: SharedServer, { peaks }: Known): Throughputs {
  const alone = (model: FrontierModel) =>
    peakOf(peaks, gpus, model) ?? saturatedBeside(model, 0, server)[model];
  return { resnet50: alone('resnet50'), 'inception-v3': alone('inception-v3') };
}
