import type { Path } from '../../base/path.js';
import type { ServedModel } from '../scenario.js';
import type { LocatedDevice } from './devices.js';
import { type Findings, suggest } from './findings.js';

/**
 * Checks the settings of sharing modes. `models` are those that run on the devices, or undefined
 * where some of them could not be resolved.
 */
export function checkSharing(
  devices: readonly LocatedDevice[],
  models: readonly ServedModel[] | undefined,
  findings: Findings,
): void {
  for (const [index, { device, path }] of devices.entries()) {
    if (device.sharing.mode !== 'mps') continue;
    const { shares } = device.sharing;
    const at = [...path, 'sharing', 'shares'];
    const here = models?.filter(({ instances }) => instances.some((instance) => instance.device === index));
    if (here !== undefined) {
      checkNames(
        shares,
        here.map(({ config }) => config.name),
        at,
        findings,
      );
    }
  }
}

function checkNames(
  shares: ReadonlyMap<string, number>,
  models: readonly string[],
  path: Path,
  findings: Findings,
): void {
  for (const model of models) {
    if (!shares.has(model) && !findings.gaps.at([...path, model]))
      findings.problem(path, `the model "${model}" has no share`, 'write one above 0');
  }
  for (const name of shares.keys()) {
    if (models.includes(name)) continue;
    findings.problem([...path, name], `no model "${name}" runs on this device`, suggest(name, models));
  }
}
