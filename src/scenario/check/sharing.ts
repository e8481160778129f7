import type { ServedModel } from '../scenario.js';
import type { LocatedDevice } from './devices.js';
import { type Findings, suggest } from './findings.js';

/** Checks that MPS gives a share to each of the models on a device, and to no other. */
export function checkSharing(
  devices: readonly LocatedDevice[],
  models: readonly ServedModel[],
  findings: Findings,
): void {
  for (const [index, { device, path }] of devices.entries()) {
    if (device.sharing.mode !== 'mps') continue;
    const { shares } = device.sharing;
    const at = [...path, 'sharing', 'shares'];
    const here = models
      .filter(({ instances }) => instances.some((instance) => instance.device === index))
      .map(({ config }) => config.name);
    for (const model of here)
      if (!shares.has(model) && !findings.gaps.at([...at, model]))
        findings.problem(at, `the model "${model}" has no share`, 'write one above 0');
    for (const name of shares.keys())
      if (!here.includes(name))
        findings.problem([...at, name], `no model "${name}" runs on this device`, suggest(name, here));
  }
}
