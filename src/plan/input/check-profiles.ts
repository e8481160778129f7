import { closest } from '../../base/closest.js';
import { CPU_KIND } from '../../profile/host-cores.js';
import { measuredFacts, sameFacts } from '../../profile/server-facts.js';
import { type Findings, suggest } from '../../scenario/check/findings.js';
import type { ProfileFile } from '../../scenario/resources.js';
import type { SlotKind } from '../placement.js';
import type { PlanSpec } from '../spec.js';
import { isOnHost, type PlannedModel, type PlannedWorkload, profileOf } from './check-models.js';

export interface PlanProfiles {
  readonly files: readonly ProfileFile[];
  /** Whether all could be read: what is missing may be in the others. */
  readonly isComplete: boolean;
}

/** Whether each model has a profile for some kind of device, none has two for one, and each kind of device serves some. */
export function checkProfiles(
  spec: PlanSpec,
  slotKinds: readonly SlotKind[],
  {
    planned,
    measured: profiles,
  }: { readonly planned: readonly PlannedWorkload[]; readonly measured: PlanProfiles },
  findings: Findings,
): void {
  const kinds = [...new Set(slotKinds.map(({ device }) => device))];
  const parts = planned.flatMap((workload) => workload.parts);
  for (const part of parts) {
    const { model, path, profileNames } = part;
    const devices = isOnHost(part) ? [CPU_KIND] : kinds;
    const own = profiles.files.filter(({ profile }) => profileNames.includes(profile.model));
    const isServed = part.calls !== undefined || own.some(({ profile }) => devices.includes(profile.device));
    if (!isServed && profiles.isComplete && devices.length > 0) {
      const what = `there is no profile of "${model}" for any of the devices`;
      findings.problem(path, what, missingRemedy(profileNames[0]!, own, profiles));
    }
    for (const device of devices) {
      const there = own.filter(({ profile }) => profile.device === device);
      const name = profileNames.find((one) => there.some(({ profile }) => profile.model === one));
      const found = there.filter(({ profile }) => profile.model === name);
      if (found.length < 2) continue;
      const files = found.map(({ file }) => file).join(', ');
      findings.problem(
        path,
        `there are ${found.length} profiles of "${model}" for "${device}": ${files}`,
        'keep one',
      );
    }
  }
  const names = new Set(parts.flatMap(({ profileNames }) => profileNames));
  const asked = profiles.files.filter(({ profile }) => names.has(profile.model));
  if (profiles.isComplete) {
    checkKindsServe(spec, slotKinds, { asked, files: profiles.files }, findings);
    checkServeWhole(planned, slotKinds, profiles, findings);
  }
  checkServersAgree(spec, slotKinds, asked, findings);
}

/** Models that stay together have profiles for one kind of device. */
function checkServeWhole(
  planned: readonly PlannedWorkload[],
  slotKinds: readonly SlotKind[],
  { files }: PlanProfiles,
  findings: Findings,
): void {
  const profiles = files.map(({ profile }) => profile);
  const isOn = (part: PlannedModel, device: string) =>
    part.calls !== undefined || profileOf(part, isOnHost(part) ? CPU_KIND : device, profiles) !== undefined;
  for (const { entries, parts } of planned) {
    const alone = parts.every((part) => slotKinds.some(({ device }) => isOn(part, device)));
    if (!alone || slotKinds.some(({ device }) => parts.every((part) => isOn(part, device)))) continue;
    findings.problem(
      parts[0]!.path,
      `no kind of machine has profiles of ${entries.map((model) => `"${model}"`).join(', ')} and all that is called, which stay on one server`,
      'name profiles of all of them for one kind',
    );
  }
}

/** Models that may come together on a machine were measured on one server. */
function checkServersAgree(
  { machines }: PlanSpec,
  slotKinds: readonly SlotKind[],
  asked: readonly ProfileFile[],
  findings: Findings,
): void {
  for (const [i, { name }] of machines.entries()) {
    const devices = slotKinds.filter(({ machine }) => machine === i).map(({ device }) => device);
    const measured = asked.flatMap(({ file, serverFile = file, profile }) => {
      const facts = devices.includes(profile.device) ? measuredFacts(profile) : undefined;
      return facts === undefined ? [] : [{ serverFile, facts }];
    });
    const [first] = measured;
    const other = first && measured.find(({ facts }) => !sameFacts(facts, first.facts));
    if (other === undefined) continue;
    findings.problem(
      ['machines', i],
      `the profiles for "${name}" were measured on two servers that differ: ${first!.serverFile} and ${other.serverFile}`,
      'name profiles of one of them',
    );
  }
}

function missingRemedy(model: string, own: readonly ProfileFile[], { files }: PlanProfiles): string {
  if (own.length > 0)
    return `there are profiles of it for ${own.map(({ profile }) => profile.device).join(', ')}`;
  const models = [...new Set(files.map(({ profile }) => profile.model))];
  const meant = closest(model, models);
  return meant === undefined
    ? `name its file under profiles; of models ${suggest(model, models)}`
    : `did you mean "${meant}"?`;
}

/** A kind of machine that can serve nothing is a mistake in its name; not where no model is one that was measured. */
function checkKindsServe(
  { machines }: PlanSpec,
  slotKinds: readonly SlotKind[],
  { asked, files }: { readonly asked: readonly ProfileFile[]; readonly files: readonly ProfileFile[] },
  findings: Findings,
): void {
  const devices = [...new Set(files.map(({ profile }) => profile.device))];
  for (const [i, { gpu }] of machines.entries()) {
    const own = slotKinds.filter(({ machine }) => machine === i).map(({ device }) => device);
    if (own.length === 0 || asked.some(({ profile }) => own.includes(profile.device))) continue;
    if (asked.length === 0 && own.some((device) => devices.includes(device))) continue;
    findings.problem(
      ['machines', i, 'gpu'],
      `no profile says how any of the models does on ${gpu}`,
      devices.length > 0 ? `profiles are for ${devices.join(', ')}` : 'name profiles for it',
    );
  }
}
